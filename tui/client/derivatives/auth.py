"""The three headers that prove who asks.

Invariant: what is signed are the bytes that leave. ``Signer`` is given the query and body as they stand in the built
request, never the parameters they were made from. Nonces rise strictly, whatever the clock does.
"""

from __future__ import annotations

from tui.client.credentials import Credentials
from tui.wire.derivatives.signing import authent


class Nonces:
    """Strictly rising nonces in nanoseconds, the finest unit seen in use, so that no other program outruns a key."""

    def __init__(self) -> None:
        self._last = 0

    def next(self, now_ns: int) -> str:
        """The clock, or one above the last nonce if the clock stood still or jumped back."""
        self._last = max(now_ns, self._last + 1)
        return str(self._last)


class Signer:
    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._nonces = Nonces()

    def headers(self, path: str, query: bytes, body: bytes, now_ns: int) -> dict[str, str]:
        """``path`` is the whole URL path as sent; ``query`` without ``?``. Query and body are signed joined, in
        this order (Kraken docs, futures REST authentication).
        """
        nonce = self._nonces.next(now_ns)
        signature = authent(query + body, nonce, path, self._credentials.secret)
        return {"APIKey": self._credentials.api_key, "Authent": signature, "Nonce": nonce}
