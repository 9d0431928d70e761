"""A market that costs little: few contracts, few levels, a short past, tickers now and then.

What the desk must survive comes from the account and the road; the market has only to fill, to move and to be there.
Invariant: only sizes differ from the exchange's own market, no rule does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from tui.exchange import clockwork, crowd, listing, synthetic
from tui.exchange.instruments import Instrument, contract_table

T0 = 1_790_000_000_000
SYMBOLS = ("PF_XBTUSD", "PF_ETHUSD", "PI_XBTUSD")
LISTED: tuple[Instrument, ...] = tuple(one for one in contract_table(T0) if one.symbol in SYMBOLS)

TICKER_EVERY_MS = 3_000
FUNDING_HOURS = 2
TRADES = 3
BANDS = ((3, 1, 1.0), (2, 8, 6.0), (1, 60, 60.0))


@contextmanager
def small() -> Iterator[None]:
    """While open, every exchange has this market."""
    with ExitStack() as sizes:
        sizes.enter_context(patch.object(synthetic, "contract_table", lambda _now_ms: LISTED))
        sizes.enter_context(patch.object(clockwork, "TICKER_EVERY_MS", TICKER_EVERY_MS))
        sizes.enter_context(patch.object(listing, "_FUNDING_HOURS", FUNDING_HOURS))
        sizes.enter_context(patch.object(listing, "_WARM_TRADES", TRADES))
        sizes.enter_context(patch.object(crowd, "_BANDS", BANDS))
        yield
