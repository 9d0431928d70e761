"""Signatures of the Derivatives dialect, as pure functions.

Invariant: what is signed is exactly what is sent. Callers pass the bytes of the query or form that go on the
wire (percent-encoded as there), never a re-serialised copy. Source: Kraken docs, futures REST authentication;
the encoded form is signed since 2024-02-20.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Final

_STRIPPED_PREFIX: Final = "/derivatives"


class ApiSecret:
    """The private key, decoded once. Its text forms show nothing.

    Raises ``ValueError`` (without the text) if ``encoded`` is not strict base64. The length is not fixed:
    published samples decode to 64 and to 66 bytes.
    """

    __slots__ = ("_key",)

    def __init__(self, encoded: str) -> None:
        try:
            self._key = base64.b64decode(encoded.strip(), validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("the API secret is not valid base64") from None
        if not self._key:
            raise ValueError("the API secret is empty")

    def __repr__(self) -> str:
        return "ApiSecret(***)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ApiSecret) and hmac.compare_digest(self._key, other._key)

    def __hash__(self) -> int:
        return hash(self._key)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")

    def sign(self, message: bytes) -> str:
        """Base64 of HMAC-SHA-512 over the SHA-256 digest (raw bytes, not hex) of ``message``."""
        digest = hashlib.sha256(message).digest()
        return base64.b64encode(hmac.digest(self._key, digest, "sha512")).decode("ascii")


def signed_path(url_path: str) -> str:
    """The path as signed: without host, without query, and without a leading ``/derivatives``."""
    return url_path.removeprefix(_STRIPPED_PREFIX)


def authent(post_data: str | bytes, nonce: str, url_path: str, secret: ApiSecret) -> str:
    """The ``Authent`` header.

    ``post_data`` is the query string (without ``?``) of a GET, or the form body, byte for byte as sent; if a
    request carries both, query then body. ``nonce`` is the ``Nonce`` header, or ``""`` if none is sent.
    """
    data = post_data.encode() if isinstance(post_data, str) else post_data
    return secret.sign(data + nonce.encode() + signed_path(url_path).encode())


def sign_challenge(challenge: str, secret: ApiSecret) -> str:
    """``signed_challenge`` of a private WebSocket request; the challenge is opaque text."""
    return secret.sign(challenge.encode())
