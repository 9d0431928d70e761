"""Both halves of a key as text, on their short way between a person, a store and ``Credentials``.

Invariant: no text form shows anything.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from tui.client.credentials import Credentials, credentials
from tui.logs import hide
from tui.model.errors import CredentialsError


class Pair(Struct, frozen=True):
    """As it is written into a store, with these very names."""

    api_key: str
    private_key: str

    def __repr__(self) -> str:
        return "Pair(***)"

    def __rich_repr__(self) -> list[tuple[str, str]]:
        """A Struct's own would show all to Rich, which prefers it."""
        return []

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere but into its store")

    def credentials(self) -> Credentials:
        """Ready to sign; from here on the log knows both halves and leaves them out. Raises ``CredentialsError``."""
        hide(self.api_key, self.private_key)
        return credentials(self.api_key, self.private_key)


def to_text(pair: Pair) -> str:
    """The form for a keyring."""
    return msgspec.json.encode(pair).decode()


def from_text(text: str, where: str) -> Pair:
    """Raises ``CredentialsError`` that names ``where`` and shows nothing of the text."""
    try:
        return msgspec.json.decode(text, type=Pair)
    except msgspec.MsgspecError:
        raise CredentialsError(f"What {where} holds for kftui cannot be read", "Run kftui login again") from None
