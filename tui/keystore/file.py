"""The file of kept keys, for systems without a keyring.

Invariant: it is written whole or not at all, is the owner's alone from its first byte, and is not read if anybody else
can read it.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

import msgspec

from tui.keystore.pair import Pair
from tui.model.errors import CredentialsError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_LARGEST = 1 << 20


def read_file(path: Path) -> dict[str, Pair]:
    """Every kept pair by name, none if there is no file. Raises ``CredentialsError`` for a file that others can read,
    that belongs to somebody else, or that makes no sense.
    """
    try:
        with path.open("rb") as file:
            _refuse_open_doors(path, os.fstat(file.fileno()))
            text = file.read(_LARGEST)
        return msgspec.json.decode(text, type=dict[str, Pair])
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CredentialsError(f"The keys in {path} cannot be read: {error.strerror}", "Check the path") from None
    except msgspec.MsgspecError:
        raise CredentialsError(
            f"The keys in {path} make no sense", f'Move it aside, mv "{path}" "{path}.aside", and run kftui login'
        ) from None


def write_file(path: Path, pairs: Mapping[str, Pair]) -> None:
    """Replace the file, or remove it when nothing is left. Raises ``CredentialsError``."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        if not pairs:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(dict(pairs))) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise CredentialsError(f"The keys in {path} cannot be written: {error.strerror}", "Check the path") from None


def _refuse_open_doors(path: Path, found: os.stat_result) -> None:
    if os.name != "posix":
        return
    if found.st_uid != os.getuid():
        raise CredentialsError(f"{path} with your keys belongs to another user", f'sudo chown "$USER" "{path}"')
    if found.st_mode & _OTHERS:
        raise CredentialsError(
            f"{path} with your keys is open to others (mode {stat.S_IMODE(found.st_mode):04o}) and is not read",
            f'chmod 600 "{path}"; if strangers use this machine, make new keys',
        )
