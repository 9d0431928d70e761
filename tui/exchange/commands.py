"""Everything that can be asked of the engine, as values.

One command is one atomic step: ``Engine.step(command, now_ms)`` returns an :class:`Outcome` that holds the
answer for the asker and the events for everybody. Invariant: a command carries no behaviour and no time;
``now_ms`` (ms since the epoch, UTC) is always the argument of ``step``.

``Command[A_co]`` says which answer a command gets, so ``step(SendOrder(...), now).answer`` is an
``OrderAnswer`` for the type checker too. Commands never raise for what a trader may get wrong: the answer's
``status`` is the venue's word. ``UnknownSymbol`` is raised for a symbol the table does not hold, because the
venue answers that before its engine (HTTP 400); check it at the door with ``engine.instrument(symbol)``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from tui.exchange.mirror.news import News
from tui.exchange.orders import Offset, Order


class UnknownSymbol(KeyError):
    """No such contract. ``args[0]`` is the symbol as it was asked."""


# --- answers -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Placed:
    """PLACE: the order rests (or, if ``order.trigger`` is set, waits). ``reduced_quantity``: cut away by
    reduce-only, or None.
    """

    order: Order
    reduced_quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Executed:
    """EXECUTION: one maker hit. ``order_prior_execution.filled`` is the amount before this execution;
    ``execution_id`` equals the fill's ``fill_id``.
    """

    execution_id: str
    price: Decimal
    amount: Decimal
    order_prior_execution: Order
    order_prior_edit: Order | None = None
    taker_reduced_quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Edited:
    """EDIT: same id, ``new`` replaces ``old``."""

    old: Order
    new: Order
    reduced_quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """CANCEL: the order as it was when it left."""

    order: Order


@dataclass(frozen=True, slots=True)
class Rejected:
    """REJECT: never rested. ``reason`` in the venue's upper-case words (``POST_WOULD_EXECUTE`` ...)."""

    order: Order
    reason: str


OrderEvent = Placed | Executed | Edited | Cancelled | Rejected


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """Answer to send, edit and cancel. ``status`` is the word of ``sendStatus``/``editStatus``/
    ``cancelStatus`` (``placed``, ``edited``, ``cancelled``, ``filled``, ``notFound``,
    ``insufficientAvailableFunds`` ...). ``order_id`` is None when refused before an id was made.
    """

    status: str
    received_ms: int
    order_id: str | None = None
    cli_ord_id: str | None = None
    order_events: tuple[OrderEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class CancelAllAnswer:
    """``status`` is ``cancelled`` or ``noOrdersToCancel``; ``cancel_only`` is ``all`` or the symbol."""

    status: str
    received_ms: int
    cancel_only: str
    cancelled: tuple[Order, ...] = ()

    @property
    def order_events(self) -> tuple[OrderEvent, ...]:
        return tuple(Cancelled(order) for order in self.cancelled)


@dataclass(frozen=True, slots=True)
class DeadManAnswer:
    """``trigger_ms`` is None when the switch is off."""

    current_ms: int
    trigger_ms: int | None


@dataclass(frozen=True, slots=True)
class PreferenceAnswer:
    """``error_code`` None means done; otherwise the venue's numeric code (41 would cause liquidation, 87 no
    such contract, 88 not multi-collateral, 89/90 currency, 92 INSUFFICIENT_MARGIN, 98
    MAX_LEVERAGE_OUT_OF_BOUNDS) with its ``message``.
    """

    error_code: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class FundsAnswer:
    """``error`` None means the money has moved under ``booking_uid``; otherwise the venue's word
    (``invalidAccount``, ``invalidUnit``, ``invalidAmount``, ``insufficientFunds``).
    """

    error: str | None = None
    booking_uid: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """Answer to commands that cannot be refused."""


A_co = TypeVar("A_co", covariant=True)


class Command(Generic[A_co]):
    """Base of all commands; ``A_co`` is the type of the answer."""

    __slots__ = ()


# --- orders ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SendOrder(Command[OrderAnswer]):
    """A new order. Prices USD, ``size`` in contracts (base units for PF_/FF_, USD for PI_/FI_).

    ``symbol`` must be the table's spelling (``engine.instrument(text).symbol``). ``trigger_signal`` is
    ``mark``, ``index`` or ``last`` (default ``last``; translate ``spot`` at the door). ``trailing`` is for
    ``trailing_stop`` only, ``limit_offset`` for ``stp`` and ``take_profit``.
    """

    symbol: str
    side: str
    order_type: str
    size: Decimal
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trigger_signal: str = "last"
    reduce_only: bool = False
    cli_ord_id: str | None = None
    trailing: Offset | None = None
    limit_offset: Offset | None = None
    process_before_ms: int | None = None


@dataclass(frozen=True, slots=True)
class EditOrder(Command[OrderAnswer]):
    """Changes what is given, by ``order_id`` or else ``cli_ord_id``. ``size`` is the new open size, or the
    total including fills when ``absolute_size`` (the venue's ``qtyMode=ABSOLUTE``).
    """

    order_id: str | None = None
    cli_ord_id: str | None = None
    size: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trailing: Offset | None = None
    absolute_size: bool = False
    process_before_ms: int | None = None


@dataclass(frozen=True, slots=True)
class CancelOrder(Command[OrderAnswer]):
    """By ``order_id`` or else ``cli_ord_id``."""

    order_id: str | None = None
    cli_ord_id: str | None = None
    process_before_ms: int | None = None


@dataclass(frozen=True, slots=True)
class CancelAll(Command[CancelAllAnswer]):
    """Every order, or every order of ``symbol``."""

    symbol: str | None = None


@dataclass(frozen=True, slots=True)
class CancelAllAfter(Command[DeadManAnswer]):
    """Dead man's switch: cancel everything ``timeout_s`` seconds from now unless armed again; 0 disarms."""

    timeout_s: int


# --- preferences -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetLeverage(Command[PreferenceAnswer]):
    """``max_leverage`` set: isolated margin at that leverage; None: back to cross. Multi-collateral only."""

    symbol: str
    max_leverage: Decimal | None


@dataclass(frozen=True, slots=True)
class SetPnlPreference(Command[PreferenceAnswer]):
    """Currency in which a multi-collateral contract pays profit and loss (``USD``, ``BTC`` ...)."""

    symbol: str
    currency: str


@dataclass(frozen=True, slots=True)
class SetSelfTradeStrategy(Command[Done]):
    """``REJECT_TAKER``, ``CANCEL_MAKER_SELF``, ``CANCEL_MAKER_CHILD`` or ``CANCEL_MAKER_ANY``."""

    strategy: str


# --- funds -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TransferFunds(Command[FundsAnswer]):
    """Move ``amount`` of ``unit`` between accounts of the same owner: ``cash``, ``flex``, ``fi_xbtusd`` ...;
    names and unit in any letter case.
    """

    source: str
    target: str
    unit: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class WithdrawFunds(Command[FundsAnswer]):
    """Send ``amount`` of ``unit`` away from ``source`` to the spot exchange, which is not simulated."""

    source: str
    unit: str
    amount: Decimal


# --- time and the operator ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tick(Command[Done]):
    """Time has passed: the market moves, funding accrues, triggers wake, margin is checked. Send it often
    (every 100 ms or so); a late one catches up. ``news`` is what a mirrored market was heard to do meanwhile.
    """

    news: Sequence[News] = ()


@dataclass(frozen=True, slots=True)
class SetMarketMode(Command[Done]):
    """The operator's hand, for rehearsals: suspend a market or make it post-only."""

    symbol: str
    suspended: bool = False
    post_only: bool = False


@dataclass(frozen=True, slots=True)
class MovePrice(Command[Done]):
    """The operator's hand, for rehearsals and tests: the underlying jumps to ``price`` (USD) at once, and
    every book, index and mark on it follows in the same step. ``underlying`` is ``XBT``, ``ETH`` ...
    """

    underlying: str
    price: Decimal
