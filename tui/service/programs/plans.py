"""From what is typed to a plan: the prices and sizes of everything that a program may ever send.

Pure. Invariants: sizes of a scale add up to the size that was asked for, to the lot; its prices are on the grid,
rounded to cross less; a plan of the same draft has the same ids, so that what is shown again is what was shown.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Protocol
from uuid import NAMESPACE_OID, uuid5

from msgspec.structs import replace

from tui.model.decimals import HUNDRED, ZERO, floor_to, plain
from tui.model.describe import price_text, size_text
from tui.model.draft import OrderDraft
from tui.model.enums import OrderType, TriggerSignal
from tui.model.instrument import Instrument
from tui.model.order import OrderRequest
from tui.model.program import Chase, Linked, Program, Scale
from tui.service import entry
from tui.service.ground import Ground
from tui.service.programs.lines import HERE, what

MOST_ORDERS = 50
DEFAULT_WITHIN = "0.5%"
DEFAULT_EDITS = 20
MOST_EDITS = 1_000


class Complain(Protocol):
    def __call__(self, field: str, message: str) -> None: ...


def plan_of(ground: Ground, draft: OrderDraft, request: OrderRequest, complain: Complain) -> Program | None:
    """The program that ``draft`` asks for around its exact ``request``; None for a plain order, or after a complaint
    about a field of the draft.
    """
    match draft.program:
        case "scale":
            return _scale(ground, draft, request, complain)
        case "chase":
            return _chase(ground, draft, request, complain)
        case "oco":
            return _oco(ground, draft, request, complain)
        case _:
            return _bracket(ground, draft, request, complain) if draft.stop_loss or draft.take_profit else None


def words(program: Program, instrument: Instrument | None) -> tuple[str, ...]:
    """What is confirmed, and where it lives."""
    if not isinstance(program, Scale):
        return what(program, instrument), HERE
    first, last = program.orders[0], program.orders[-1]
    total = size_text(sum((order.size for order in program.orders), ZERO), instrument)
    sizes = f"{size_text(first.size, instrument)} to {size_text(last.size, instrument)} each"
    prices = " to ".join(price_text(order.limit_price or ZERO, instrument) for order in (first, last))
    flag = " reduce-only" if first.reduce_only else ""
    kind = " post-only" if first.type is OrderType.POST else ""
    return (
        f"{first.side.upper()} {total} {first.symbol} in {len(program.orders)} orders from {prices}{kind}{flag}",
        f"{sizes}, sent in one batch; then they are orders like any other",
    )


# --- bracket and OCO ----------------------------------------------------------------------------------------------


def _bracket(ground: Ground, draft: OrderDraft, request: OrderRequest, complain: Complain) -> Linked | None:
    if request.reduce_only:
        complain("stop_loss", "a bracket protects what its entry opens; a reduce-only order opens nothing")
        return None
    side = request.side.opposite
    at = request.limit_price or request.stop_price or ground.best(side) or ground.mark
    stop = _price(ground, draft, "stop_loss", complain)
    target = _price(ground, draft, "take_profit", complain)
    for field, price, sign, where in (
        ("stop_loss", stop, -1, "below" if request.side.sign > 0 else "above"),
        ("take_profit", target, 1, "above" if request.side.sign > 0 else "below"),
    ):
        if price is not None and at is not None and (price - at) * request.side.sign * sign <= 0:
            name = field.replace("_", " ")
            complain(field, f"the {name} of a {request.side} lies {where} its price {number_of(ground, at)}")
    base = OrderRequest("", request.symbol, side, OrderType.LIMIT, request.size, reduce_only=True)
    legs = (*_stop(base, stop, draft.trigger_signal), *_limit(base, target))
    return Linked(_id(request), request, legs) if legs else None


def _oco(ground: Ground, draft: OrderDraft, request: OrderRequest, complain: Complain) -> Linked | None:
    """A limit order at the request's price and a stop; reduce-only when there is a position that they close."""
    held = max(-ground.holding.size * request.side.sign, ZERO)
    stop = _price(ground, draft, "stop_loss", complain)
    if stop is None:
        if not draft.stop_loss:
            complain("stop_loss", "an OCO needs a stop: sl and a price")
        return None
    if ZERO < held < request.size:
        complain("size", f"the position is {size_text(held, ground.instrument)}, less than the OCO would close")
        return None
    mark = ground.mark
    if mark is not None and (stop - mark) * request.side.sign <= 0:
        where = "above" if request.side.sign > 0 else "below"
        complain("stop_loss", f"a stop to {request.side} lies {where} the mark price {number_of(ground, mark)}")
    base = replace(request, client_order_id="", reduce_only=bool(held), type=OrderType.LIMIT)
    stop_leg = replace(base, limit_price=None)
    return Linked(_id(request), None, (*_stop(stop_leg, stop, draft.trigger_signal), base))


def _stop(base: OrderRequest, price: Decimal | None, signal: TriggerSignal) -> tuple[OrderRequest, ...]:
    if price is None:
        return ()
    return (replace(base, type=OrderType.STOP, stop_price=price, trigger_signal=signal),)


def _limit(base: OrderRequest, price: Decimal | None) -> tuple[OrderRequest, ...]:
    return (replace(base, limit_price=price),) if price is not None else ()


def _price(ground: Ground, draft: OrderDraft, field: str, complain: Complain) -> Decimal | None:
    """An exit's price; words are read as for an order of the exit's own side."""
    text: str = getattr(draft, field)
    if not text.strip():
        return None
    side = draft.side if draft.program == "oco" else draft.side.opposite
    try:
        found = entry.price(text, ground, side)
    except entry.EntryError as error:
        complain(field, str(error))
        return None
    if not ground.instrument.price_on_tick(found):
        complain(field, f"{plain(found)} is not a multiple of {plain(ground.instrument.tick_size)}")
    return found


# --- scale --------------------------------------------------------------------------------------------------------


def _scale(ground: Ground, draft: OrderDraft, request: OrderRequest, complain: Complain) -> Scale | None:
    start = request.limit_price
    try:
        end = entry.price(draft.to_price, ground, draft.side)
    except entry.EntryError as error:
        complain("to_price", str(error))
        return None
    count = _count(draft, complain)
    if count is None or start is None:
        return None
    instrument = ground.instrument
    sizes = sizes_of(request.size, count, instrument.lot_step, rising=draft.rising)
    if not all(sizes):
        complain("count", f"{size_text(request.size, instrument)} cannot be split into {count} orders of a lot or more")
        return None
    prices = prices_of(start, end, count, lambda price: instrument.passive_price(draft.side, price))
    if len(set(prices)) < count:
        complain("to_price", f"the range has fewer than {count} prices")
        return None
    orders = tuple(
        replace(request, client_order_id=_id(request, str(at)), size=size, limit_price=price)
        for at, (size, price) in enumerate(zip(sizes, prices, strict=True))
    )
    return Scale(_id(request), orders)


def sizes_of(total: Decimal, count: int, lot: Decimal, *, rising: bool) -> tuple[Decimal, ...]:
    """Whole lots that add up to ``total``: even, or rising 1:2:3...; what rounding leaves goes to the last ones."""
    weights = [at + 1 if rising else 1 for at in range(count)]
    whole = sum(weights)
    sizes = [floor_to(total * weight / whole, lot) for weight in weights]
    at = count - 1
    left = total - sum(sizes, ZERO)
    while left >= lot:
        sizes[at] += lot
        left -= lot
        at = at - 1 if at else count - 1
    return tuple(sizes)


def prices_of(start: Decimal, end: Decimal, count: int, rounded: Callable[[Decimal], Decimal]) -> tuple[Decimal, ...]:
    """Evenly spaced from ``start`` to ``end``, both included. Divided last, so that the ends are exact."""
    return tuple(rounded(start + (end - start) * at / (count - 1)) for at in range(count))


def _count(draft: OrderDraft, complain: Complain) -> int | None:
    text = draft.count.strip()
    if not text.isascii() or not text.isdigit() or not 2 <= int(text) <= MOST_ORDERS:
        complain("count", f"a scale has from 2 to {MOST_ORDERS} orders")
        return None
    return int(text)


# --- chase --------------------------------------------------------------------------------------------------------


def _chase(ground: Ground, draft: OrderDraft, request: OrderRequest, complain: Complain) -> Chase | None:
    edits = draft.edits.strip() or str(DEFAULT_EDITS)
    if not edits.isascii() or not edits.isdigit() or not 1 <= int(edits) <= MOST_EDITS:
        complain("edits", f"a chase is moved from 1 to {MOST_EDITS} times")
        return None
    try:
        within = _distance(draft.within.strip().lower() or DEFAULT_WITHIN, ground, request)
    except entry.EntryError as error:
        complain("within", str(error))
        return None
    return Chase(_id(request), request, within, int(edits))


def _distance(text: str, ground: Ground, request: OrderRequest) -> Decimal:
    """``50t``, ``0.5%``, or a distance in price; in whole ticks, rounded down."""
    price = request.limit_price or ZERO
    if text.endswith("%"):
        found = price * entry.typed_number(text[:-1]) / HUNDRED
    elif text.endswith("t"):
        found = entry.typed_number(text[:-1]) * ground.instrument.tick_size
    else:
        found = entry.typed_number(text.strip("$"))
    found = floor_to(found, ground.instrument.tick_size)
    if found <= 0:
        raise entry.EntryError("a distance must be a tick or more")
    return found


# --- small --------------------------------------------------------------------------------------------------------


def number_of(ground: Ground, price: Decimal) -> str:
    return price_text(price, ground.instrument)


def _id(request: OrderRequest, part: str = "program") -> str:
    return str(uuid5(NAMESPACE_OID, f"{request.client_order_id}/{part}"))
