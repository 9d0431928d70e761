"""The operator's hands, for rehearsals and tests: move a price, suspend a market, make it post-only.

Not a thing of the venue: served only when the exchange was started with ``--rehearsal``, to anyone who reaches it.
Invariant: what happens next is the engine's ordinary course; nothing is faked on the wire.
"""

from typing import Final

from tui.exchange.commands import MovePrice, SetMarketMode, UnknownSymbol
from tui.exchange.endpoint import Act, Endpoint, Reply
from tui.exchange.params import Params
from tui.exchange.refusals import invalid_argument
from tui.exchange.rest_market import contract
from tui.exchange.venue import Venue
from tui.wire.derivatives.routes import Route

_BASE: Final = "/rehearsal/v1"


def _move_price(venue: Venue, params: Params) -> Act:
    """``underlying`` (``XBT``) jumps to ``price`` USD; books, index and marks follow before the answer."""
    underlying = params.required("underlying").upper()
    price = params.required_decimal("price")
    if price <= 0:
        raise invalid_argument("price")

    def act() -> Reply:
        try:
            venue.apply(MovePrice(underlying, price))
        except UnknownSymbol:
            raise invalid_argument("underlying") from None
        return Reply({"underlying": underlying, "price": price})

    return act


def _set_mode(venue: Venue, params: Params) -> Act:
    command = SetMarketMode(
        contract(venue, params).symbol, suspended=params.boolean("suspended"), post_only=params.boolean("postOnly")
    )

    def act() -> Reply:
        venue.apply(command)
        return Reply({"symbol": command.symbol, "suspended": command.suspended, "postOnly": command.post_only})

    return act


ENDPOINTS: Final = (
    Endpoint(Route("POST", f"{_BASE}/price"), _move_price),
    Endpoint(Route("POST", f"{_BASE}/market"), _set_mode),
)
