"""The order sizes that ``b`` and ``s`` use, smallest first."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from tui.model.decimals import ONE, ZERO
from tui.model.instrument import Instrument
from tui.model.ticker import Ticker

DEFAULT_USD = (Decimal(100), Decimal(500), Decimal(1_000), Decimal(5_000), Decimal(10_000))
DEFAULT_CHOICE = 2


def clips_for(
    symbol: str, instrument: Instrument | None, ticker: Ticker | None, configured: Mapping[str, tuple[Decimal, ...]]
) -> tuple[Decimal, ...]:
    """Those of the settings, else round sizes worth about 100 to 10,000 USD. Empty until the contract is known."""
    if sizes := configured.get(symbol):
        return sizes
    price = ticker and (ticker.mark or ticker.last or ticker.mid)
    if instrument is None or not price:
        return ()
    worth = instrument.notional_usd(ONE, price)
    lot = instrument.lot_step
    return tuple(dict.fromkeys(max(lot, instrument.whole_lots(_round(usd / worth))) for usd in DEFAULT_USD))


def chosen(clips: tuple[Decimal, ...], *, configured: bool) -> Decimal:
    """The clip before the trader chose one: the first configured, or a middle default. Zero when none is known."""
    if not clips:
        return ZERO
    return clips[0] if configured else clips[min(DEFAULT_CHOICE, len(clips) - 1)]


def index_of(clips: tuple[Decimal, ...], clip: Decimal) -> int:
    """Position of ``clip``, or of the nearest size: default sizes drift with the price."""
    return min(range(len(clips)), key=lambda index: abs(clips[index] - clip))


def _round(size: Decimal) -> Decimal:
    """The largest of 1, 2, 5 times a power of ten that is not above ``size``."""
    power = Decimal(1).scaleb(size.adjusted())
    return max(step * power for step in (1, 2, 5) if step * power <= size)
