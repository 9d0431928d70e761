"""Answers as they were some seconds ago, for replicas that lag.

Invariant: nothing is kept while no stale answer is on the dial, and never more than the longest lag asked for.
"""

from collections import deque
from typing import Final

from tui.exchange import rest_account, rest_trading
from tui.exchange.endpoint import Endpoint, Reply
from tui.exchange.faults import StaleAnswer
from tui.exchange.mishaps import Mishaps
from tui.exchange.params import Params
from tui.exchange.venue import Venue, Visitor
from tui.wire.derivatives import routes

_SAMPLE_S: Final = 0.1
_LAGGING: Final = frozenset({routes.OPEN_ORDERS, routes.OPEN_POSITIONS, routes.FILLS, routes.ACCOUNTS})
_ENDPOINTS: Final = tuple(
    endpoint for endpoint in (*rest_trading.ENDPOINTS, *rest_account.ENDPOINTS) if endpoint.route in _LAGGING
)
_NOTHING: Final = Params({})


class Shelf:
    """One sample of each lagging answer per tick, oldest first, with its venue time."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._samples: deque[tuple[float, str, dict[tuple[str, str], Reply]]] = deque()

    def tick(self, mishaps: Mishaps | None) -> None:
        lags = [fault.age_s for fault in mishaps.of_kind(StaleAnswer)] if mishaps is not None else []
        if not lags:
            self._samples.clear()
            return
        now_s = self._venue.steady_s()
        if self._samples and now_s - self._samples[-1][0] < _SAMPLE_S:
            return
        visitors = {client.account: Visitor(self._venue, client) for client in self._venue.clients}
        replies = {
            (one.route.path, account): one.prepare(self._venue, _NOTHING)(visitor)
            for one in _ENDPOINTS
            for account, visitor in visitors.items()
        }
        self._samples.append((now_s, self._venue.now_iso(), replies))
        while len(self._samples) > 1 and self._samples[1][0] <= now_s - max(lags):
            self._samples.popleft()

    @staticmethod
    def holds(endpoint: Endpoint) -> bool:
        """Whether it is a call that lags."""
        return endpoint.route in _LAGGING

    def find(self, endpoint: Endpoint, visitor: Visitor, age_s: float) -> tuple[str, Reply] | None:
        """Venue time and this visitor's answer of ``age_s`` ago, or the oldest there is."""
        until_s = self._venue.steady_s() - age_s
        found = None
        for at_s, told, replies in self._samples:
            if found is not None and at_s > until_s:
                break
            reply = replies.get((endpoint.route.path, visitor.client.account))
            found = (told, reply) if reply is not None else None
        return found
