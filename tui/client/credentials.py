"""The two halves of an API key, and how they come from the environment.

Invariant: the private half never becomes text again. It lives in ``ApiSecret``, whose every text form shows nothing,
and leaves this process only as signatures.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from msgspec import Struct

from tui.model.errors import CredentialsError
from tui.wire.derivatives.signing import ApiSecret

API_KEY = "KRAKEN_FUTURES_API_KEY"
PRIVATE_KEY = "KRAKEN_FUTURES_PRIVATE_KEY"
API_SECRET = "KRAKEN_FUTURES_API_SECRET"  # noqa: S105 - the name of a variable, not a secret
SPOT_KEYS = ("KRAKEN_API_KEY", "KRAKEN_SPOT_API_KEY")

_SECRET_BYTES = 60  # private keys decode to 64 bytes or a little more, public keys to 42 (Kraken's own samples)
_WHERE = "Make a key for Futures at futures.kraken.com under Settings, API keys"


class Credentials(Struct, frozen=True):
    """``api_key`` is the public half. ``secret`` signs and shows nothing."""

    api_key: str
    secret: ApiSecret

    def __repr__(self) -> str:
        return f"Credentials({self.api_key[:4]}…, ***)"

    def __rich_repr__(self) -> list[tuple[str, str]]:
        """A Struct's own would show all to Rich, which prefers it."""
        return [("api_key", f"{self.api_key[:4]}…")]


def credentials(api_key: str, private_key: str) -> Credentials:
    """Both halves as text, outer blanks ignored. Raises ``CredentialsError`` in words, never with the secret."""
    key, secret = api_key.strip(), private_key.strip()
    for name, text in (("API key", key), ("private key", secret)):
        _refuse_damage(name, text)
    if _decoded_length(key) >= _SECRET_BYTES > _decoded_length(secret):
        raise CredentialsError("The API key and the private key look swapped", "Exchange the two values")
    if key == secret:
        raise CredentialsError("The API key and the private key are the same text", f"Copy both halves. {_WHERE}")
    try:
        return Credentials(key, ApiSecret(secret))
    except ValueError as error:
        raise CredentialsError(
            f"The private key cannot be used: {error}", "Copy it again, whole, as Kraken shows it once"
        ) from None


def mentions_keys(environ: Mapping[str, str]) -> bool:
    """Whether the environment means to give keys, be they whole or not."""
    return any(environ.get(name, "").strip() for name in (API_KEY, PRIVATE_KEY, API_SECRET))


def from_environment(environ: Mapping[str, str]) -> Credentials:
    """Credentials from ``KRAKEN_FUTURES_API_KEY`` and ``KRAKEN_FUTURES_PRIVATE_KEY`` (or ``..._API_SECRET``).

    Raises ``CredentialsError`` that names what is missing or wrong.
    """
    key = environ.get(API_KEY, "").strip()
    secret = _one_secret(environ)
    missing = [name for name, text in ((API_KEY, key), (PRIVATE_KEY, secret)) if not text]
    if missing:
        raise CredentialsError(
            f"No API key: {' and '.join(missing)} not set", key_advice(environ, "set both variables")
        )
    for name in SPOT_KEYS:
        if environ.get(name, "").strip() == key:
            raise CredentialsError(
                f"{API_KEY} holds the same key as {name}, which is a Spot key", f"Spot keys do not work here. {_WHERE}"
            )
    return credentials(key, secret)


def _one_secret(environ: Mapping[str, str]) -> str:
    first, second = environ.get(PRIVATE_KEY, "").strip(), environ.get(API_SECRET, "").strip()
    if first and second and first != second:
        raise CredentialsError(f"{PRIVATE_KEY} and {API_SECRET} are both set and differ", "Keep one of the two")
    return first or second


def key_advice(environ: Mapping[str, str], then: str) -> str:
    """What to do without keys, ending with what to do ``then``."""
    spot = next((name for name in SPOT_KEYS if environ.get(name)), None)
    found = f"{spot} is set, but Spot keys do not work here. " if spot else ""
    return f"{found}{_WHERE} and {then}"


def _refuse_damage(name: str, text: str) -> None:
    if not text:
        raise CredentialsError(f"The {name} is empty", _WHERE)
    if any(letter.isspace() for letter in text):
        raise CredentialsError(f"The {name} has a blank or a line break inside", "Copy it again in one piece")
    if text[0] in "\"'" or text[-1] in "\"'":
        raise CredentialsError(f"The {name} has quotation marks around it", "Remove them")
    if not text.isascii() or not text.isprintable():
        raise CredentialsError(f"The {name} has letters that no key has", "Copy it again")


def _decoded_length(text: str) -> int:
    try:
        return len(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return 0
