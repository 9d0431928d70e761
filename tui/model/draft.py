"""The ticket's contents as typed, and what the desk makes of them.

A draft is text; an ``Assessment`` is the verdict on it: the exact request that would be sent, or the errors beside
their fields, with the consequences before and after. What is confirmed is ``Assessment.request`` itself.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from msgspec import Struct

from tui.model.book import Sweep
from tui.model.enums import DeviationUnit, MarginMode, OrderType, Side, TriggerSignal
from tui.model.order import EditRequest, OrderRequest
from tui.model.program import Program

ProgramWord = Literal["", "oco", "scale", "chase"]


class OrderDraft(Struct, frozen=True):
    """Fields of the ticket, as typed. Prices may be words (``bid``, ``ask``, ``mid``, ``mark``, ``last``, ``index``)
    with an offset in ticks or percent (``bid+2t``, ``mark-0.5%``); sizes may be ``$500``, or ``25%`` of what is
    available.

    ``stop_loss`` and ``take_profit`` make it a bracket. ``program``: ``oco`` is a limit order and a stop, of which one
    cancels the other (``limit_price`` and ``stop_loss``); ``scale`` puts ``count`` limit orders between
    ``limit_price`` and ``to_price``, ``rising`` in size towards the latter; ``chase`` follows the best price, not
    further than ``within`` and with at most ``edits`` edits.
    """

    symbol: str
    side: Side
    type: OrderType = OrderType.LIMIT
    size: str = ""
    limit_price: str = ""
    stop_price: str = ""
    trigger_signal: TriggerSignal = TriggerSignal.MARK
    deviation: str = ""
    deviation_unit: DeviationUnit = DeviationUnit.PERCENT
    reduce_only: bool = False
    client_order_id: str = ""
    stop_loss: str = ""
    take_profit: str = ""
    program: ProgramWord = ""
    to_price: str = ""
    count: str = ""
    rising: bool = False
    within: str = ""
    edits: str = ""


class FieldError(Struct, frozen=True):
    """``field`` is an attribute name of ``OrderDraft``, or ``""`` for the order as a whole."""

    field: str
    message: str


class Impact(Struct, frozen=True):
    """One side (before or after) of a preview. Amounts in the pool's currency; ``position`` signed contracts."""

    position: Decimal
    entry_price: Decimal | None
    initial_margin: Decimal | None
    maintenance_margin: Decimal | None
    available: Decimal | None
    level_pct: Decimal | None
    liquidation_price: Decimal | None
    liquidation_distance_pct: Decimal | None
    effective_leverage: Decimal | None


class Preview(Struct, frozen=True):
    """Consequences of sending a request now, from local state. Fees in ``fee_currency``, an estimate.

    ``effect`` is opens, adds, reduces, closes, flips or rests. ``size_usd`` is the notional in USD. ``after`` is as
    if the order filled as far as it can: at once against the book, and what rests or waits at its own price.
    ``protective_limit``: the worst price a market order may pay. ``queue_ahead``: size displayed at the price an
    order would join. ``break_even``: exit price that pays both fees of the position after. ``margin_needed``: what
    the order takes from the available margin, its fee included; negative when it frees margin.
    """

    before: Impact
    after: Impact
    effect: str
    pool: str
    currency: str
    mode: MarginMode
    execution: Sweep
    slippage_bps: Decimal | None
    notional: Decimal
    size_usd: Decimal
    fee_maker: Decimal | None
    fee_taker: Decimal | None
    fee_currency: str
    fee_source: str
    realised_pnl: Decimal | None
    funding_per_hour: Decimal | None
    tier: str
    assumption: str
    protective_limit: Decimal | None = None
    queue_ahead: Decimal | None = None
    break_even: Decimal | None = None
    margin_needed: Decimal | None = None


class Assessment(Struct, frozen=True):
    """``request`` is None while anything in ``errors`` forbids sending. ``warnings`` are shown, and need no act;
    ``doubts`` (stale data, an unresolved order on the contract) need a second, explicit confirmation. With a
    ``program`` that is what is sent, ``what`` says it in words, and ``request`` stands for all of its size.
    """

    request: OrderRequest | None
    errors: tuple[FieldError, ...] = ()
    warnings: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    preview: Preview | None = None
    max_size: Decimal | None = None
    resolved_limit: Decimal | None = None
    resolved_size: Decimal | None = None
    program: Program | None = None
    what: tuple[str, ...] = ()


class EditAssessment(Struct, frozen=True):
    """The verdict on a change to a working order, in the terms of ``Assessment``. ``field`` of an error is ``size``,
    ``limit_price``, ``stop_price`` or ``""``. ``request`` is None also when nothing would change.
    """

    request: EditRequest | None
    errors: tuple[FieldError, ...] = ()
    warnings: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    preview: Preview | None = None


class LeverageAssessment(Struct, frozen=True):
    """What a leverage preference does to a contract. ``max_leverage`` None is cross. ``error`` empty: it may be sent.

    Amounts of ``before`` and ``after`` in ``currency``; the position in them does not change. ``highest`` is the
    largest isolated leverage that the contract's ladder allows at the size of the position.
    """

    symbol: str
    max_leverage: Decimal | None
    currency: str = ""
    before: Impact | None = None
    after: Impact | None = None
    error: str = ""
    warnings: tuple[str, ...] = ()
    highest: Decimal | None = None
