"""Where the exchange's one key pair comes from: the environment, or a key file.

Invariant: the private half is written to nothing but a key file (mode 0600), and shown nowhere.
"""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tui.exchange.auth import Credentials
from tui.wire.derivatives.signing import ApiSecret

API_KEY: Final = "KRAKEN_FUTURES_API_KEY"
SECRET_NAMES: Final = ("KRAKEN_FUTURES_PRIVATE_KEY", "KRAKEN_FUTURES_API_SECRET")
KEYS_FILE: Final = "keys.json"
_KEY_BYTES: Final = 42
_SECRET_BYTES: Final = 64
"""Lengths of the venue's own keys, in bytes before base64."""


class KeysError(Exception):
    """The keys cannot be used; the text says why and never holds the private half."""


def from_environment(environ: Mapping[str, str], *, read_only: bool) -> Credentials | None:
    """The pair of the environment, or None if it has neither half."""
    api_key = environ.get(API_KEY, "").strip()
    secret = next((environ[name].strip() for name in SECRET_NAMES if environ.get(name, "").strip()), "")
    if not api_key and not secret:
        return None
    if not api_key:
        raise KeysError(f"{SECRET_NAMES[0]} is set, {API_KEY} is not: set both or neither")
    if not secret:
        raise KeysError(f"{API_KEY} is set, {SECRET_NAMES[0]} is not: set both or neither")
    try:
        return Credentials(api_key, ApiSecret(secret), read_only)
    except ValueError as error:
        raise KeysError(f"the private key of the environment: {error}") from None


def kept_in(path: Path, *, read_only: bool) -> Credentials:
    """The pair in the file ``path``; made and written there if there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Credentials(str(content["api_key"]), ApiSecret(content["private_key"]), read_only)
    except FileNotFoundError:
        return _made(path, read_only=read_only)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise KeysError(f"{path} cannot be read as a key file; move it away to have a new pair made") from None


def _made(path: Path, *, read_only: bool) -> Credentials:
    api_key, private_key = _random(_KEY_BYTES), _random(_SECRET_BYTES)
    content = json.dumps({"api_key": api_key, "private_key": private_key}, indent=2) + "\n"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(content)
    except OSError as error:
        raise KeysError(f"{path} cannot be written: {error.strerror}") from None
    return Credentials(api_key, ApiSecret(private_key), read_only)


def _random(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode()
