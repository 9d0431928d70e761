"""The system's keyring (macOS Keychain, Secret Service, KWallet, Windows Credential Locker) behind three questions.

A keyring may be missing, locked, or wait for a person who is not there. Invariant: a question ends within
``PATIENCE_S`` with an answer or with words, whatever the keyring does; therefore each is asked in a thread of its own,
which dies with the program. ``keyring`` is imported only here and only when it is asked.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from tui.model.errors import CredentialsError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "kftui"
PATIENCE_S = 30.0  # long enough for a person to unlock it
_MISSING = "this system has no keyring"

T = TypeVar("T")


class NoKeyring(CredentialsError):
    """There is none, or it did not do what was asked. ``what`` says which, as a part of a sentence."""


def get_text(name: str) -> tuple[str, str] | None:
    """What is kept under ``name``, and the keyring's own name; None if nothing is. Raises ``NoKeyring``."""

    def question(backend: KeyringBackend) -> tuple[str, str] | None:
        text = backend.get_password(SERVICE, name)
        return None if text is None else (text, _title(backend))

    return _ask(question)


def put_text(name: str, text: str) -> str:
    """Keep ``text``, replacing what was there. Returns the keyring's own name. Raises ``NoKeyring``."""

    def question(backend: KeyringBackend) -> str:
        backend.set_password(SERVICE, name, text)
        return _title(backend)

    return _ask(question)


def drop_text(name: str) -> str | None:
    """Forget it. Returns the keyring's own name, None if nothing was kept. Raises ``NoKeyring``."""

    def question(backend: KeyringBackend) -> str | None:
        if backend.get_password(SERVICE, name) is None:
            return None
        backend.delete_password(SERVICE, name)
        return _title(backend)

    return _ask(question)


def _ask(question: Callable[[KeyringBackend], T]) -> T:
    """Errors of a backend may be of any class and quote anything, so only the name of the class is told."""
    answers: queue.SimpleQueue[tuple[T] | NoKeyring] = queue.SimpleQueue()

    def asked() -> None:
        try:
            answers.put((question(_backend()),))
        except NoKeyring as error:
            answers.put(error)
        except Exception as error:  # noqa: BLE001 - see above
            answers.put(NoKeyring(f"the system's keyring failed ({type(error).__name__})"))

    threading.Thread(target=asked, name="keyring", daemon=True).start()
    try:
        answer = answers.get(timeout=PATIENCE_S)
    except queue.Empty:
        raise NoKeyring(f"the system's keyring did not answer within {PATIENCE_S:g} s") from None
    if isinstance(answer, NoKeyring):
        raise answer
    return answer[0]


def _backend() -> KeyringBackend:
    """One that its makers recommend: others keep secrets as plain text, which our own file does with more care."""
    try:
        import keyring.core  # noqa: PLC0415 - a tenth of a second that only those pay who need it
    except ImportError:
        raise NoKeyring(_MISSING) from None
    backend = keyring.core.get_keyring()
    if not keyring.core.recommended(backend):
        raise NoKeyring(_MISSING)
    return backend


def _title(backend: KeyringBackend) -> str:
    return str(getattr(backend, "name", type(backend).__name__))
