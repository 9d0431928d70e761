"""What an order in one contract stands on: its contract, its market, the position, and the pool that pays.

Gathered once from the state, so that previews, checks and sizes all judge from the same values.
Invariant: a ground is read from one state and holds no number that the state does not justify; what is unknown is None.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from tui.model.account import Account, Collateral, MarginPool
from tui.model.book import Book, Level
from tui.model.decimals import ONE, ZERO
from tui.model.enums import Liquidity, Side
from tui.model.fill import Fill
from tui.model.instrument import Instrument
from tui.model.margin import Claim, position_requirement
from tui.model.order import Order
from tui.model.pnl import Holding, value
from tui.model.state import State
from tui.model.ticker import Ticker
from tui.service.marking import holding_of, leverage_of, mark_of, pool_of, same_coin

DEFAULT_MAKER = Decimal("0.0002")
DEFAULT_TAKER = Decimal("0.0005")
_RATE_STEP = Decimal("0.000001")
_CENT = Decimal("0.01")


class FeeRates(Struct, frozen=True):
    """Fractions of notional, and where they come from in words."""

    maker: Decimal = DEFAULT_MAKER
    taker: Decimal = DEFAULT_TAKER
    source: str = "estimate, 0.02/0.05 % schedule"


class Leg(Struct, frozen=True):
    """Another position in the same pool on the same coin."""

    instrument: Instrument
    holding: Holding
    mark: Decimal


class Ground(Struct, frozen=True):
    """``pool`` is the isolated pool of the contract or the wallet itself; ``wallet`` is what pays. ``funding`` is
    accrued on the position. ``claims`` are the working orders of the contract by order id. ``coin`` is same-coin
    collateral after haircut, worth ``coin_worth`` USD now. ``nets``: the venue charges only the dearer side of
    opposite positions in one coin.
    """

    instrument: Instrument
    ticker: Ticker | None
    book: Book | None
    mark: Decimal | None
    holding: Holding
    funding: Decimal
    leverage: Decimal | None
    pool: MarginPool | None
    wallet: MarginPool | None
    claims: tuple[tuple[str, Claim], ...]
    legs: tuple[Leg, ...]
    coin: Decimal
    coin_worth: Decimal
    nets: bool
    rates: FeeRates

    @property
    def currency(self) -> str:
        return self.instrument.settlement_currency

    def levels(self, side: Side, size: Decimal) -> tuple[Level, ...]:
        """What an order of ``side`` would take from. Without a book: the ticker's best price, for any size."""
        if self.book is not None and self.book.opposite(side):
            return self.book.opposite(side)
        best = self.best(side.opposite)
        return (Level(best, size),) if best is not None else ()

    def best(self, side: Side) -> Decimal | None:
        """Best resting price of ``side``: the book's, else the ticker's."""
        quoted = self.book.best(side) if self.book is not None else None
        if quoted is not None or self.ticker is None:
            return quoted
        return self.ticker.bid if side is Side.BUY else self.ticker.ask

    @property
    def mid(self) -> Decimal | None:
        bid, ask = self.best(Side.BUY), self.best(Side.SELL)
        return (bid + ask) / 2 if bid is not None and ask is not None else None


def ground_of(state: State, symbol: str) -> Ground | None:
    """The ground of a contract; None when the venue has no such contract. Give it a state marked to market."""
    instrument = state.instruments.get(symbol)
    if instrument is None:
        return None
    position, ticker = state.position(symbol), state.tickers.get(symbol)
    leverage = leverage_of(state, symbol)
    wallet = pool_of(state.account, instrument, isolated=False)
    pool = pool_of(state.account, instrument, isolated=True) if leverage is not None else wallet
    coin, coin_worth = _coupled(state.account, instrument)
    legs = _legs(state, instrument)
    return Ground(
        instrument=instrument,
        ticker=ticker,
        book=state.books.get(symbol),
        mark=mark_of(ticker, position),
        holding=holding_of(position),
        funding=(position.unrealised_funding if position else None) or ZERO,
        leverage=leverage,
        pool=pool,
        wallet=wallet,
        claims=tuple((order.order_id, claim) for order in state.orders if (claim := claim_of(order, symbol))),
        legs=legs,
        coin=coin,
        coin_worth=coin_worth,
        nets=not instrument.is_inverse and _venue_nets(state, wallet, legs, holding_of(position)),
        rates=fee_rates(state.fills, instrument, state),
    )


def claim_of(order: Order, symbol: str) -> Claim | None:
    """What a working order may still add to the position; None for triggers, reduce-only and other contracts."""
    if order.symbol != symbol or order.type.is_trigger or order.reduce_only or order.limit_price is None:
        return None
    return Claim(order.side, order.remaining, order.limit_price)


def fee_rates(fills: tuple[Fill, ...], instrument: Instrument, state: State) -> FeeRates:
    """The rates that recent fills were really charged, else the schedule's first row as an estimate.

    The venue's own fee schedule stopped describing what is charged in June 2026; fills cannot lie.
    """
    seen: dict[Liquidity, Decimal] = {}
    for fill in fills:
        contract = state.instruments.get(fill.symbol)
        if contract is None or contract.kind is not instrument.kind or fill.fee is None or fill.liquidity in seen:
            continue
        if fill.liquidity in (Liquidity.MAKER, Liquidity.TAKER) and fill.size and fill.price:
            seen[fill.liquidity] = (fill.fee / value(contract, fill.size, fill.price)).quantize(_RATE_STEP)
    if not seen:
        return FeeRates()
    words = " and ".join(sorted(seen))
    return FeeRates(
        maker=seen.get(Liquidity.MAKER, DEFAULT_MAKER),
        taker=seen.get(Liquidity.TAKER, DEFAULT_TAKER),
        source=f"your last {words} fee" + ("" if len(seen) == 2 else ", the other an estimate"),
    )


def _coupled(account: Account | None, instrument: Instrument) -> tuple[Decimal, Decimal]:
    """Same-coin collateral after haircut, in coin and in USD. Inverse wallets hold nothing else, so nothing there."""
    if account is None or instrument.is_inverse:
        return ZERO, ZERO
    coin = worth = ZERO
    for item in account.collateral:
        if same_coin(item.currency, instrument.base) and item.collateral_value is not None:
            coin += item.quantity * (ONE - _haircut(item))
            worth += item.collateral_value
    return coin, worth


def _haircut(item: Collateral) -> Decimal:
    if item.haircut is not None:
        return item.haircut
    return ONE - item.collateral_value / item.value if item.collateral_value is not None and item.value else ZERO


def _legs(state: State, instrument: Instrument) -> tuple[Leg, ...]:
    legs = []
    for position in state.positions:
        other = state.instruments.get(position.symbol)
        if other is None or other.symbol == instrument.symbol or other.kind is not instrument.kind:
            continue
        mark = mark_of(state.tickers.get(other.symbol), position)
        if same_coin(other.base, instrument.base) and mark is not None and leverage_of(state, other.symbol) is None:
            legs.append(Leg(other, holding_of(position), mark))
    return tuple(legs)


def _venue_nets(state: State, wallet: MarginPool | None, legs: tuple[Leg, ...], holding: Holding) -> bool:
    """Whether opposite positions of one coin are netted. The venue says they are; where it holds such a pair and its
    own maintenance margin is the plain sum, its figure is believed instead.
    """
    if wallet is None or not any(leg.holding.sign * holding.sign < 0 for leg in legs):
        return True
    plain_sum = ZERO
    for position in state.positions:
        contract = state.instruments.get(position.symbol)
        mark = mark_of(state.tickers.get(position.symbol), position)
        if contract is None or contract.is_inverse or mark is None or leverage_of(state, position.symbol) is not None:
            continue
        plain_sum += position_requirement(contract, holding_of(position), mark).maintenance
    return wallet.maintenance_margin < plain_sum - _CENT
