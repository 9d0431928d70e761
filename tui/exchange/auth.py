"""Who is asking: signatures over the raw bytes, and nonces.

Invariant: what is verified is what arrived, never a re-serialised copy; comparisons take constant time. The client
has its own signing code path on purpose; only the formula itself (``tui.wire``) is shared.
"""

import bisect
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from tui.wire.derivatives.outcomes import WordError
from tui.wire.derivatives.signing import ApiSecret, authent, sign_challenge

_REMEMBERED_NONCES: Final = 10_000
_EPOCH_DIGITS: Final = 10
"""Seconds since the epoch have ten digits; every further digit of a nonce makes its unit ten times finer."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The account's one key. ``read_only``: it may look, not trade."""

    api_key: str
    secret: ApiSecret
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What the signature covers, as raw as it came, and the three headers (``""`` when absent)."""

    method: str
    path: str
    query: bytes
    body: bytes
    api_key: str
    authent: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Leniency:
    """Signature forms accepted beyond the plain one, for old clients.

    ``decoded``: the percent-decoded form signed before 2024-02-20. ``empty_get``: an empty text for a GET that
    has a query, as the venue's own command line tool signs.
    """

    decoded: bool = False
    empty_get: bool = False


def signature_fits(request: SignedRequest, secret: ApiSecret, leniency: Leniency) -> bool:
    """True if ``Authent`` is right for query and body together, the body alone or the query alone."""
    given = request.authent.encode()
    fits = False
    for data in _signed_forms(request, leniency):
        expected = authent(data, request.nonce, request.path, secret).encode()
        fits |= hmac.compare_digest(given, expected)
    return fits


def challenge_fits(challenge: str, signed: str, secret: ApiSecret) -> bool:
    return hmac.compare_digest(signed.encode(), sign_challenge(challenge, secret).encode())


def _signed_forms(request: SignedRequest, leniency: Leniency) -> Iterator[bytes]:
    """An empty part is no form of its own: it would cover nothing of what is beside it."""
    parts = [part for part in (request.body, request.query) if part]
    raw = dict.fromkeys((request.query + request.body, *parts))
    yield from raw
    if leniency.decoded:
        yield from (unquote_to_bytes(form) for form in raw)
        yield from (unquote_to_bytes(form.replace(b"+", b" ")) for form in raw)
    if leniency.empty_get and request.method == "GET":
        yield b""


class NonceWindow:
    """Nonces must rise; one that comes late by no more than ``window_s`` seconds still passes, once.

    The unit is read from the number of digits, since every known client derives its nonce from the epoch
    (milliseconds, nanoseconds, or others); the width of the window is not documented.
    """

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._seen: list[int] = []

    def check(self, nonce: str) -> WordError | None:
        """None if the nonce is good, and then it is used up. An absent nonce (``""``) is always good."""
        if not nonce:
            return None
        if not (nonce.isascii() and nonce.isdigit() and len(nonce) <= 30):
            return WordError.NONCE_BELOW_THRESHOLD
        value = int(nonce)
        place = bisect.bisect_left(self._seen, value)
        if place < len(self._seen) and self._seen[place] == value:
            return WordError.NONCE_DUPLICATE
        if self._seen and value < self._threshold():
            return WordError.NONCE_BELOW_THRESHOLD
        self._seen.insert(place, value)
        self._forget()
        return None

    def _threshold(self) -> int:
        highest = self._seen[-1]
        ticks_per_second = 10 ** max(0, len(str(highest)) - _EPOCH_DIGITS)
        return highest - int(self._window_s * ticks_per_second)

    def _forget(self) -> None:
        keep_from = max(bisect.bisect_left(self._seen, self._threshold()), len(self._seen) - _REMEMBERED_NONCES)
        del self._seen[:keep_from]
