"""The three headers that prove who asks.

Invariant: what is signed are the bytes that leave. ``Signer`` is given the query and body as they stand in the built
request, never the parameters they were made from. Nonces rise strictly, whatever the clock does.
"""

from __future__ import annotations

from tui.client.credentials import Credentials
from tui.wire.derivatives.signing import authent

FIRST_LEAP_NS = 1_000_000_000
LONGEST_LEAP_NS = 86_400 * 1_000_000_000


class Nonces:
    """Strictly rising nonces in nanoseconds, the finest unit seen in use, so that no other program outruns a key."""

    def __init__(self) -> None:
        self.last = 0
        self._ahead_ns = 0
        self._leapt_at = 0

    def next(self, now_ns: int) -> str:
        """The clock, or one above the last nonce if the clock stood still or jumped back."""
        self.last = max(now_ns + self._ahead_ns, self.last + 1)
        return str(self.last)

    def refused(self, last: int) -> None:
        """The venue has seen higher ones: of an earlier run, perhaps, before the clock was set back. From now on they
        start further ahead, eight times as far with each refusal, up to a day. ``last``: what ``last`` was when the
        refused request was made; refusals of requests from before a leap say nothing new.
        """
        if last >= self._leapt_at:
            self._ahead_ns = min(max(self._ahead_ns * 8, FIRST_LEAP_NS), LONGEST_LEAP_NS)
            self._leapt_at = self.last


class Signer:
    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self.nonces = Nonces()

    def headers(self, path: str, query: bytes, body: bytes, now_ns: int) -> dict[str, str]:
        """``path`` is the whole URL path as sent; ``query`` without ``?``. Query and body are signed joined, in
        this order (Kraken docs, futures REST authentication).
        """
        nonce = self.nonces.next(now_ns)
        signature = authent(query + body, nonce, path, self._credentials.secret)
        return {"APIKey": self._credentials.api_key, "Authent": signature, "Nonce": nonce}
