"""The ticket's brain: from what is typed to the exact request, its consequences, and what stands against it.

All pure: state and time come in, a verdict goes out. Invariant: ``request`` is set only if nothing forbids sending it,
and it is that very value which is confirmed, journalled and sent.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import msgspec

from tui.model.decimals import ZERO, plain
from tui.model.draft import Assessment, FieldError, OrderDraft
from tui.model.enums import OrderType, Side
from tui.model.limits import Limits
from tui.model.order import OrderRequest
from tui.model.program import Linked, Program, Scale
from tui.model.state import State
from tui.service import entry
from tui.service.case import Case, Finding, Verdict
from tui.service.checks import findings
from tui.service.ground import Ground, ground_of
from tui.service.marking import mark_to_market
from tui.service.preview import immediate, max_size, preview_on
from tui.service.programs import plans

PRICED = (OrderType.LIMIT, OrderType.POST, OrderType.IOC, OrderType.FOK)
"""Types that must have a limit price."""

STOPS = (OrderType.STOP, OrderType.TAKE_PROFIT)
"""Types that must have a stop price and may have a limit price."""


def assess(state: State, draft: OrderDraft, limits: Limits, now_ms: int, new_id: Callable[[], str]) -> Assessment:
    """The verdict on a draft. ``new_id`` names the order if the trader did not."""
    marked = mark_to_market(state)
    ground = ground_of(marked, draft.symbol)
    if ground is None:
        return Assessment(None, errors=(FieldError("symbol", f"there is no contract {draft.symbol or 'named'}"),))
    reader = _Reader(ground, draft)
    limit = reader.price("limit_price", required=draft.type in PRICED) if draft.type in (*PRICED, *STOPS) else None
    stop = reader.price("stop_price", required=True) if draft.type in STOPS else None
    deviation = reader.deviation() if draft.type is OrderType.TRAILING_STOP else None
    probe = OrderRequest(
        client_order_id=draft.client_order_id.strip() or new_id(),
        symbol=draft.symbol,
        side=draft.side,
        type=draft.type,
        size=ground.instrument.lot_step,
        limit_price=limit,
        stop_price=stop,
        trigger_signal=draft.trigger_signal if draft.type.is_trigger else None,
        reduce_only=draft.reduce_only,
        deviation=deviation,
        deviation_unit=draft.deviation_unit if deviation is not None else None,
    )
    largest = max_size(ground, probe)
    size = reader.size(largest, limit or stop)
    if size is None or reader.errors:
        return Assessment(None, errors=tuple(reader.errors), max_size=largest, resolved_limit=limit, resolved_size=size)
    request = msgspec.structs.replace(probe, size=size)
    program = plans.plan_of(ground, draft, request, reader.complain)
    verdict = _judge_program(marked, ground, request, program, limits=limits, now_ms=now_ms)
    if reader.errors:
        verdict = msgspec.structs.replace(
            verdict, request=None, program=None, errors=(*reader.errors, *verdict.errors), what=()
        )
    return msgspec.structs.replace(verdict, max_size=largest, resolved_limit=limit, resolved_size=size)


def assess_request(state: State, request: OrderRequest, limits: Limits, now_ms: int) -> Assessment:
    """The verdict on a request that is already exact, such as a flattening one."""
    marked = mark_to_market(state)
    ground = ground_of(marked, request.symbol)
    if ground is None:
        return Assessment(None, errors=(FieldError("symbol", f"there is no contract {request.symbol}"),))
    verdict = judge(marked, ground, request, limits, now_ms)
    return msgspec.structs.replace(verdict, resolved_limit=request.limit_price, resolved_size=request.size)


def judge(
    marked: State, ground: Ground, request: OrderRequest, limits: Limits, now_ms: int, *, replaces: str | None = None
) -> Assessment:
    """Preview and checks of an exact request on a state that is marked to market."""
    preview = preview_on(ground, request, replaces=replaces)
    found = list(
        findings(
            Case(
                state=marked,
                ground=ground,
                request=request,
                limits=limits,
                now_ms=now_ms,
                preview=preview,
                immediate=immediate(ground, request, replaces=replaces),
                replaces=replaces,
            )
        )
    )
    errors = tuple(FieldError(item.field, item.message) for item in found if item.verdict is Verdict.ERROR)
    return Assessment(
        request=None if errors else request,
        errors=errors,
        warnings=_messages(found, Verdict.WARNING),
        doubts=_messages(found, Verdict.DOUBT),
        preview=preview,
    )


def _judge_program(
    marked: State, ground: Ground, request: OrderRequest, program: Program | None, *, limits: Limits, now_ms: int
) -> Assessment:
    """The verdict on a request and on what comes with it: the consequences are those of all of its size, and what is
    wrong with any of its orders is wrong with it.
    """
    parts: tuple[OrderRequest, ...] = ()
    match program:
        case Scale(orders=orders):
            parts = orders[0], orders[-1]
            worth = sum((order.size * (order.limit_price or ZERO) for order in orders), ZERO)
            mean = ground.instrument.passive_price(request.side, worth / request.size)
            request = msgspec.structs.replace(request, limit_price=mean)
        case Linked(entry=None, legs=legs):
            parts, request = legs[:-1], msgspec.structs.replace(request, reduce_only=program.reduces)
        case _:
            pass
    verdict = judge(marked, ground, request, limits, now_ms)
    if program is None:
        return verdict
    errors = list(verdict.errors)
    for part in parts:
        named = msgspec.structs.replace(part, client_order_id=part.client_order_id or request.client_order_id)
        errors += [found for found in judge(marked, ground, named, limits, now_ms).errors if found not in errors]
    what = plans.words(program, ground.instrument)
    if errors:
        return msgspec.structs.replace(verdict, request=None, errors=tuple(errors), what=what)
    return msgspec.structs.replace(verdict, program=program, what=what)


# --- drafts and requests ready made -----------------------------------------------------------------------------


def join_draft(state: State, symbol: str, side: Side, clip: Decimal, better_ticks: int = 0) -> OrderDraft:
    """A limit order of ``clip`` that joins the best price of its side, or improves it by ticks.

    The price is a word, so that it follows the market until the moment of sending; with ``better_ticks`` it never
    reaches the other side's best price, where it would take instead of join.
    """
    ground = ground_of(state, symbol)
    word = "bid" if side is Side.BUY else "ask"
    ticks = min(better_ticks, _room_ticks(ground)) if ground else 0
    offset = f"{'+' if side is Side.BUY else '-'}{ticks}t" if ticks > 0 else ""
    return OrderDraft(symbol=symbol, side=side, size=plain(clip), limit_price=f"@{word}{offset}")


def flatten_request(state: State, symbol: str, client_order_id: str) -> OrderRequest | None:
    """A reduce-only market order of the whole position; None when flat."""
    position = state.position(symbol)
    if position is None or not position.size:
        return None
    return OrderRequest(
        client_order_id, symbol, position.closing_side, OrderType.MARKET, position.size, reduce_only=True
    )


def reverse_request(state: State, symbol: str, client_order_id: str) -> OrderRequest | None:
    """A market order of twice the position: closes it and opens the same size the other way; None when flat."""
    position = state.position(symbol)
    if position is None or not position.size:
        return None
    return OrderRequest(client_order_id, symbol, position.closing_side, OrderType.MARKET, position.size * 2)


def assess_flatten(state: State, symbol: str, limits: Limits, now_ms: int, new_id: Callable[[], str]) -> Assessment:
    return _assess_or_flat(state, flatten_request(state, symbol, new_id()), symbol, limits, now_ms)


def assess_reverse(state: State, symbol: str, limits: Limits, now_ms: int, new_id: Callable[[], str]) -> Assessment:
    return _assess_or_flat(state, reverse_request(state, symbol, new_id()), symbol, limits, now_ms)


def _assess_or_flat(state: State, request: OrderRequest | None, symbol: str, limits: Limits, now_ms: int) -> Assessment:
    if request is None:
        return Assessment(None, errors=(FieldError("", f"there is no position in {symbol}"),))
    return assess_request(state, request, limits, now_ms)


class _Reader:
    """Reads the draft's texts one by one and gathers what is wrong with them."""

    def __init__(self, ground: Ground, draft: OrderDraft) -> None:
        self._ground = ground
        self._draft = draft
        self.errors: list[FieldError] = []

    def complain(self, field: str, message: str) -> None:
        self.errors.append(FieldError(field, message))

    def price(self, field: str, *, required: bool) -> Decimal | None:
        text: str = getattr(self._draft, field)
        if not text.strip() and not required:
            return None
        return self._read(field, lambda: entry.price(text, self._ground, self._draft.side))

    def deviation(self) -> Decimal | None:
        return self._read("deviation", lambda: entry.distance(self._draft.deviation, self._draft.deviation_unit))

    def size(self, largest: Decimal | None, own_price: Decimal | None) -> Decimal | None:
        draft, ground = self._draft, self._ground
        held = max(-ground.holding.size * draft.side.sign, ZERO)
        return self._read(
            "size",
            lambda: entry.size(
                draft.size,
                ground,
                draft.side,
                at=own_price or ground.best(draft.side.opposite) or ground.mark,
                largest=largest,
                closing=draft.reduce_only or (draft.type.is_trigger and held > 0),
            ),
        )

    def _read(self, field: str, read: Callable[[], Decimal]) -> Decimal | None:
        try:
            return read()
        except entry.EntryError as error:
            self.errors.append(FieldError(field, str(error)))
            return None


def _room_ticks(ground: Ground) -> int:
    """Whole ticks between the two best prices, less one; 0 when the spread is a tick or a side is missing."""
    bid, ask = ground.best(Side.BUY), ground.best(Side.SELL)
    if bid is None or ask is None:
        return 0
    return max(int((ask - bid) / ground.instrument.tick_size) - 1, 0)


def _messages(found: list[Finding], verdict: Verdict) -> tuple[str, ...]:
    return tuple(item.message for item in found if item.verdict is verdict)
