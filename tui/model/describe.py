"""An order in one line, in digits that lose nothing: for the confirm strip, the journal, logs and headless output.

Invariant: two requests that differ in anything the venue would act on read differently.
"""

from __future__ import annotations

from decimal import Decimal

from tui.model.decimals import places, plain
from tui.model.enums import DeviationUnit, OrderType
from tui.model.instrument import Instrument
from tui.model.order import EditRequest, Order, OrderRequest

_WORDS = {
    OrderType.LIMIT: "",
    OrderType.POST: "post-only",
    OrderType.MARKET: "market",
    OrderType.IOC: "IOC",
    OrderType.FOK: "FOK",
    OrderType.STOP: "stop",
    OrderType.TAKE_PROFIT: "take-profit",
    OrderType.TRAILING_STOP: "trailing stop",
    OrderType.UNKNOWN: "of a type unknown here",
}


def number(value: Decimal, step: Decimal | None = None) -> str:
    """Plain digits with thousands marked; ``step`` pads to the grid's places and never cuts digits off."""
    text = plain(value)
    whole, _, part = text.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    part = part.ljust(places(step), "0") if step is not None else part
    return f"{sign}{int(digits):,}" + (f".{part}" if part else "")


def size_text(size: Decimal, instrument: Instrument | None) -> str:
    return number(size, instrument.lot_step if instrument else None)


def price_text(price: Decimal, instrument: Instrument | None) -> str:
    return number(price, instrument.tick_size if instrument else None)


def one_line(request: OrderRequest | Order, instrument: Instrument | None = None) -> str:
    """Such as ``BUY 0.1000 PF_XBTUSD @ 87,959 post-only`` or ``SELL 0.4650 PF_XBTUSD stop 82,000 (mark)
    reduce-only``. For a working order the size is what remains.
    """
    size = request.remaining if isinstance(request, Order) else request.size
    words = [request.side.upper(), size_text(size, instrument), request.symbol]
    if request.type.is_trigger:
        words += _trigger_words(request, instrument)
    elif request.limit_price is not None:
        words.append(f"@ {price_text(request.limit_price, instrument)}")
    if not request.type.is_trigger and _WORDS[request.type]:
        words.append(_WORDS[request.type])
    if request.reduce_only:
        words.append("reduce-only")
    return " ".join(words)


def edit_line(request: EditRequest, order: Order, instrument: Instrument | None = None) -> str:
    """What an edit changes: ``EDIT BUY 0.1000 PF_XBTUSD @ 87,959: price 87,960``."""
    changes = []
    if request.size is not None:
        changes.append(f"size {size_text(request.size, instrument)}")
    if request.limit_price is not None:
        changes.append(f"price {price_text(request.limit_price, instrument)}")
    if request.stop_price is not None:
        changes.append(f"stop {price_text(request.stop_price, instrument)}")
    if request.deviation is not None:
        changes.append(f"distance {_distance(request.deviation, request.deviation_unit or order.deviation_unit)}")
    return f"EDIT {one_line(order, instrument)}: {', '.join(changes) or 'nothing'}"


def _trigger_words(request: OrderRequest | Order, instrument: Instrument | None) -> list[str]:
    words = [_WORDS[request.type]]
    if request.type is OrderType.TRAILING_STOP and request.deviation is not None:
        words.append(_distance(request.deviation, request.deviation_unit))
    elif request.stop_price is not None:
        words.append(price_text(request.stop_price, instrument))
    if request.trigger_signal is not None:
        words.append(f"({request.trigger_signal})")
    if request.limit_price is not None:
        words.append(f"limit {price_text(request.limit_price, instrument)}")
    return words


def _distance(deviation: Decimal, unit: DeviationUnit | None) -> str:
    return f"{number(deviation)}{' USD' if unit is DeviationUnit.QUOTE else ' %'}"
