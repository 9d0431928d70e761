"""One client's conversation on the socket, without the socket.

Takes what the client sent and answers by pushing frames to its ``Subscriber``. Invariants: every subscribe is answered
once per product, in the order asked; a private feed opens only for a challenge that this connection was given and
that is signed with an account's secret; nothing the client sends raises. Source of the alert texts: live captures
of 2023-2026.
"""

import uuid
from collections.abc import Callable
from typing import Final

from tui.exchange.auth import challenge_fits
from tui.exchange.board import Subscriber, Topic, text
from tui.exchange.clients import Client
from tui.exchange.commands import UnknownSymbol
from tui.exchange.exchange import Engine
from tui.exchange.hub import Hub
from tui.exchange.limits import Bucket
from tui.exchange.render_legacy import CANDLE_MINUTES
from tui.wire.derivatives.codec import MalformedError, decode
from tui.wire.derivatives.feeds import (
    LEGACY_PRIVATE_FEEDS,
    PRIVATE_FEEDS,
    PRODUCT_FEEDS,
    REQUESTS_PER_SECOND,
    Event,
    Feed,
)
from tui.wire.derivatives.frames import Request
from tui.wire.derivatives.outcomes import INVALID_PRODUCT_ALERT, Alert
from tui.wire.derivatives.routes import Budget

_CHALLENGES_KEPT: Final = 16
_PRODUCTS_PER_REQUEST: Final = 1_000
_SUBSCRIPTIONS: Final = Budget(2_000, 20)
"""A snapshot costs far more than the few bytes that ask for it; this is every feed of every contract at once."""

GREETING: Final = text({"event": Event.INFO, "version": 1})


class Session:
    """``client_of`` finds who has a key; ``new_challenge`` makes a fresh text to sign; ``now_s`` of ``receive`` is any
    steady clock. ``ignores_garbage``: what is no request gets no alert. ``excess`` counts the frames that came faster
    than allowed.
    """

    def __init__(
        self,
        engine: Engine,
        hub: Hub,
        client_of: Callable[[str], Client | None],
        subscriber: Subscriber,
        new_challenge: Callable[[], str] = lambda: str(uuid.uuid4()),
        *,
        ignores_garbage: bool = False,
    ) -> None:
        self._engine = engine
        self._hub = hub
        self._client_of = client_of
        self._subscriber = subscriber
        self._new_challenge = new_challenge
        self._challenges: list[str] = []
        self._ignores_garbage = ignores_garbage
        self._rate: Bucket | None = None
        self._subscriptions: Bucket | None = None
        self._now_s = 0.0
        self.excess = 0

    def open(self) -> None:
        self._subscriber.push(GREETING)

    def close(self) -> None:
        self._hub.leave(self._subscriber)

    def receive(self, raw: str | bytes, now_s: float) -> None:
        """Answer one frame of the client."""
        self._now_s = now_s
        self._rate = self._rate or Bucket(Budget(REQUESTS_PER_SECOND, 1), now_s)
        if self._rate.take(1, now_s):
            self._refuse_rate()
            return
        try:
            request = decode(Request, raw)
        except MalformedError:
            self._garbage()
            return
        match request.event:
            case Event.CHALLENGE:
                self._challenge()
            case Event.SUBSCRIBE | Event.UNSUBSCRIBE:
                self._subscription(request)
            case _:
                self._garbage()

    def _garbage(self) -> None:
        """What the venue says to a JSON ping differs between reports: an alert, or nothing."""
        if not self._ignores_garbage:
            self._alert(Alert.BAD_MESSAGE)

    def _challenge(self) -> None:
        """Any key gets one; credentials are judged when a feed is asked for."""
        challenge = self._new_challenge()
        self._challenges = [*self._challenges, challenge][-_CHALLENGES_KEPT:]
        self._push({"event": Event.CHALLENGE, "message": challenge})

    def _subscription(self, request: Request) -> None:
        feed = request.feed or ""
        if feed in PRODUCT_FEEDS or feed in CANDLE_MINUTES:
            self._products(request, feed)
        elif feed == Feed.HEARTBEAT:
            self._topic(request.event, (feed, None), {})
        elif feed in PRIVATE_FEEDS or feed in LEGACY_PRIVATE_FEEDS:
            self._private(request, feed)
        else:
            self._alert(Alert.INVALID_FEED)

    def _products(self, request: Request, feed: str) -> None:
        """A request that names no product is answered too; with what words the venue does is not documented."""
        if not request.product_ids:
            self._alert(Alert.BAD_MESSAGE)
        for product in list(dict.fromkeys(request.product_ids or []))[:_PRODUCTS_PER_REQUEST]:
            self._product(request.event, feed, product)

    def _product(self, event: str, feed: str, product: str) -> None:
        try:
            symbol = self._engine.instrument(product).symbol
        except UnknownSymbol:
            self._alert(INVALID_PRODUCT_ALERT.format(product=product[:64]))
            return
        self._topic(event, (feed, symbol), {"product_ids": [symbol]})

    def _private(self, request: Request, feed: str) -> None:
        client = self._signer(request)
        if client is None:
            self._alert(Alert.AUTHENTICATION_FAILED)
            return
        if feed == Feed.FILLS and request.event == Event.SUBSCRIBE:
            wanted = request.product_ids
            self._subscriber.fill_products = frozenset(name.upper() for name in wanted) if wanted else None
        self._topic(request.event, (feed, client.account), {})

    def _signer(self, request: Request) -> Client | None:
        """Who asks, if the challenge is one of ours and rightly signed."""
        challenge, signed = request.original_challenge, request.signed_challenge
        client = self._client_of(request.api_key or "")
        if client is None or signed is None or challenge not in self._challenges:
            return None
        return client if challenge_fits(challenge, signed, client.credentials.secret) else None

    def _topic(self, event: str, topic: Topic, echo: dict[str, object]) -> None:
        held = self._hub.is_subscribed(self._subscriber, topic)
        if event == Event.UNSUBSCRIBE:
            if held:
                self._hub.unsubscribe(self._subscriber, topic)
                self._push({"event": Event.UNSUBSCRIBED, "feed": topic[0], **echo})
            else:
                self._alert(Alert.NOT_SUBSCRIBED)
            return
        self._subscriptions = self._subscriptions or Bucket(_SUBSCRIPTIONS, self._now_s)
        if self._subscriptions.take(1, self._now_s):
            self._refuse_rate()
            return
        if held:
            self._alert(Alert.ALREADY_SUBSCRIBED)
        else:
            self._push({"event": Event.SUBSCRIBED, "feed": topic[0], **echo})
            self._hub.subscribe(self._subscriber, topic)
        self._hub.send_snapshot(self._subscriber, topic)

    def _refuse_rate(self) -> None:
        self.excess += 1
        self._alert(Alert.RATE_LIMITED)

    def _alert(self, message: str) -> None:
        self._push({"event": Event.ALERT, "message": message})

    def _push(self, frame: dict[str, object]) -> None:
        self._subscriber.push(text(frame))
