"""The desk's margin mathematics against the paper exchange's: two implementations that share no line.

Random accounts with positions, working orders, collateral in coin and leverage preferences are valued by both, as they
stand and after a random trade. They must agree on profit, margin, what is available, and liquidation prices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from msgspec import Struct

from tui.exchange import margin as venue_margin
from tui.exchange import pools
from tui.exchange.collateral import TERMS
from tui.exchange.fees import fee as venue_fee
from tui.exchange.instruments import Instrument as Listed
from tui.exchange.instruments import contract_table
from tui.exchange.positions import Position as Held
from tui.exchange.positions import apply_fill
from tui.model import liquidation, margin, pnl
from tui.model.account import Account, Collateral, MarginPool
from tui.model.enums import ContractKind, Environment, MarginMode, OrderType, PositionSide, Side
from tui.model.instrument import Instrument, MarginTier
from tui.model.order import Order
from tui.model.position import Position
from tui.model.state import State
from tui.model.ticker import Ticker
from tui.service.ground import Ground, ground_of
from tui.service.standing import Change, stand, unchanged

D = Decimal
NOW = 1_790_000_000_000
ACCOUNTS = 150
TAKER = D("0.0005")
INDEXES = {"XBT": D("87959.9"), "ETH": D("2920.5"), "SOL": D("138.09")}
LISTED = {row.symbol: row for row in contract_table(NOW) if row.underlying in INDEXES}
TOLERANCE = D("1e-12")


def desk_instrument(row: Listed) -> Instrument:
    return Instrument(
        symbol=row.symbol,
        kind=ContractKind.INVERSE if row.inverse else ContractKind.LINEAR,
        base=row.base,
        quote="USD",
        tick_size=row.tick,
        lot_step=row.lot,
        tiers=tuple(MarginTier(rung.threshold, rung.initial, rung.maintenance) for rung in row.rungs),
        max_position=row.max_position,
        expiry_ms=row.last_trading_ms,
    )


WALLETS = sorted({row.wallet for row in LISTED.values() if row.inverse})
INSTRUMENTS = {symbol: desk_instrument(row) for symbol, row in LISTED.items()}


class World(Struct):
    """One account as the exchange holds it."""

    marks: dict[str, Decimal]
    balances: dict[str, Decimal]
    coin: dict[str, Decimal]
    held: dict[str, Held]
    orders: tuple[Order, ...]
    leverage: dict[str, Decimal]

    def index(self, name: str) -> Decimal:
        return INDEXES[name]

    def claims(self, symbol: str) -> list[venue_margin.Claim]:
        own = [order for order in self.orders if order.symbol == symbol and not order.reduce_only]
        return [
            venue_margin.Claim(order.side.value, order.remaining, order.limit_price)
            for order in own
            if order.limit_price is not None
        ]

    def exposure(self, symbol: str) -> pools.Exposure:
        return pools.exposure(
            LISTED[symbol],
            self.held.get(symbol),
            self.marks[symbol],
            claims=self.claims(symbol),
            leverage=self.leverage.get(symbol),
        )

    def exposures(self, wallet: str) -> list[pools.Exposure]:
        return [self.exposure(symbol) for symbol, row in LISTED.items() if row.wallet == wallet]

    def liquidation(self, symbol: str) -> Decimal | None:
        row = LISTED[symbol]
        if row.inverse:
            rows = self.exposures(row.wallet)
            required = pools.wallet_requirement(rows).maintenance
            return pools.wallet_threshold(rows, self.coin[row.wallet], required_usd=required)
        flex = pools.flex_account(self.balances, self.exposures("flex"), self.index)
        return pools.flex_threshold(self.exposure(symbol), flex, self.balances, self.index)

    def figures(self, symbol: str) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        """Initial margin, maintenance margin and equity of the contract's pool, and what is available to it."""
        row = LISTED[symbol]
        if row.inverse:
            wallet = pools.inverse_wallet(row.wallet, self.coin[row.wallet], self.exposures(row.wallet), self.index)
            needed = wallet.initial_margin_without_orders
            return needed, wallet.maintenance_margin, wallet.portfolio_value, wallet.available
        cross = pools.flex_account(self.balances, self.exposures("flex"), self.index).cross
        if symbol in self.leverage:
            own = self.exposure(symbol)
            equity = own.locked + own.unrealized
            return own.margin.initial, own.margin.maintenance, equity, cross.available_margin
        needs = cross.margin
        return needs.initial_margin, needs.maintenance_margin, cross.margin_equity, cross.available_margin


def random_world(rng: Random) -> World:
    marks = {
        symbol: (INDEXES[row.underlying] * D(str(round(rng.uniform(0.995, 1.005), 6))))
        for symbol, row in LISTED.items()
    }
    world = World(
        marks=marks,
        balances={"USD": D(rng.randint(-20_000, 400_000)), "XBT": D(rng.choice(["0", "0.1", "1.5", "20"]))},
        coin={name: D(str(round(rng.uniform(0.01, 3), 4))) for name in WALLETS},
        held={},
        orders=(),
        leverage={},
    )
    for symbol in rng.sample(sorted(LISTED), rng.randint(1, len(LISTED))):
        size = random_size(rng, symbol, marks[symbol]) * rng.choice([1, -1])
        entry = round(marks[symbol] * D(str(round(rng.uniform(0.95, 1.05), 4))), 2)
        funding = D(str(round(rng.uniform(-3, 3), 4))) / (1000 if LISTED[symbol].inverse else 1)
        world.held[symbol] = Held(symbol, size, entry, funding, 0)
    linear = sorted(symbol for symbol, row in LISTED.items() if not row.inverse)
    for symbol in rng.sample(linear, rng.randint(0, 2)):
        world.leverage[symbol] = D(rng.choice([2, 5, 10]))
    world.orders = tuple(random_order(rng, str(number), marks) for number in range(rng.randint(0, 8)))
    return world


def random_size(rng: Random, symbol: str, mark: Decimal) -> Decimal:
    """From a small lot to well into the third rung."""
    row, dollars = LISTED[symbol], D(int(10 ** rng.uniform(3, 6.6)))
    contracts = dollars if row.inverse else dollars / mark
    return max((contracts / row.lot).to_integral_value() * row.lot, row.lot)


def random_order(rng: Random, number: str, marks: dict[str, Decimal]) -> Order:
    symbol = rng.choice(sorted(LISTED))
    return Order(
        order_id=number,
        symbol=symbol,
        side=rng.choice(list(Side)),
        type=OrderType.LIMIT,
        remaining=random_size(rng, symbol, marks[symbol]),
        limit_price=round(marks[symbol] * D(str(round(rng.uniform(0.9, 1.1), 3))), 2),
        reduce_only=rng.random() < 0.2,
    )


def desk_state(world: World) -> State:
    """The account as the desk would know it: the venue's figures, and nothing of how it got them."""
    return State(
        environment=Environment.PAPER,
        url="",
        instruments=INSTRUMENTS,
        tickers={symbol: Ticker(symbol, NOW, mark=mark) for symbol, mark in world.marks.items()},
        orders=world.orders,
        positions=tuple(desk_position(world, held) for held in world.held.values()),
        account=Account(NOW, pools=tuple(desk_pools(world)), collateral=tuple(desk_collateral(world))),
        leverage=world.leverage,
    )


def desk_position(world: World, held: Held) -> Position:
    return Position(
        held.symbol,
        PositionSide.LONG if held.size > 0 else PositionSide.SHORT,
        abs(held.size),
        held.entry,
        mark_price=world.marks[held.symbol],
        unrealised_funding=held.funding,
        max_leverage=world.leverage.get(held.symbol),
    )


def desk_collateral(world: World) -> Iterator[Collateral]:
    flex = pools.flex_account(world.balances, world.exposures("flex"), world.index)
    for row in flex.currencies:
        yield Collateral(row.currency, row.quantity, row.value, row.collateral, TERMS[row.currency].haircut)


def desk_pools(world: World) -> Iterator[MarginPool]:
    cross_symbol = next(symbol for symbol, row in LISTED.items() if not row.inverse and symbol not in world.leverage)
    yield desk_pool("flex", "USD", world.figures(cross_symbol))
    for symbol in world.leverage:
        yield desk_pool(symbol, "USD", world.figures(symbol), symbol)
    for name in world.coin:
        inverse = next(symbol for symbol, row in LISTED.items() if row.wallet == name)
        yield desk_pool(name, LISTED[inverse].base.lower(), world.figures(inverse))


def desk_pool(
    name: str, currency: str, figures: tuple[Decimal, Decimal, Decimal, Decimal], symbol: str | None = None
) -> MarginPool:
    initial, maintenance, equity, available = figures
    mode = MarginMode.CROSS if symbol is None else MarginMode.ISOLATED
    return MarginPool(name, currency, mode, equity, initial, maintenance, available, equity, symbol=symbol)


def close(one: Decimal | None, other: Decimal | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= TOLERANCE * max(abs(one), abs(other), D(1))


def same_price(one: Decimal | None, other: Decimal | None, instrument: Instrument) -> bool:
    """Equal to far less than a tick."""
    if one is None or other is None:
        return one is other
    return abs(one - other) < instrument.tick_size / 1_000


def desk_ground(world: World, symbol: str) -> Ground:
    found = ground_of(desk_state(world), symbol)
    assert found is not None
    return found


def agree(world: World, symbol: str, ground: Ground, change: Change) -> None:
    """The desk's view of ``change`` against the exchange's valuation of ``world``."""
    seen = stand(ground, change)
    initial, maintenance, equity, available = world.figures(symbol)
    assert close(seen.initial_margin, initial), symbol
    assert close(seen.maintenance_margin, maintenance), symbol
    assert close(seen.available, available), symbol
    assert close(seen.level_pct, margin.level(equity, maintenance)), symbol
    price = world.liquidation(symbol) if change.holding.size else None
    assert same_price(seen.liquidation_price, price, ground.instrument), symbol


def traded(world: World, symbol: str, change: Decimal, price: Decimal) -> World:
    """The world after a trade, as the exchange books it: funding settled, fee and result paid."""
    row, held = LISTED[symbol], world.held.get(symbol)
    funding = held.funding if held else D(0)
    settled = replace(held, funding=D(0)) if held else None
    result = apply_fill(settled, symbol, change, price, inverse=row.inverse, now_ms=NOW)
    paid = result.realized + funding - venue_fee(inverse=row.inverse, size=change, price=price, rate=TAKER)
    positions = {name: other for name, other in world.held.items() if name != symbol}
    if result.position is not None:
        positions[symbol] = result.position
    balances, coin = dict(world.balances), dict(world.coin)
    if row.inverse:
        coin[row.wallet] += paid
    else:
        balances["USD"] += paid
    return World(world.marks, balances, coin, positions, world.orders, world.leverage)


@pytest.mark.parametrize("seed", range(ACCOUNTS))
def test_accounts_as_they_stand_and_after_a_trade(seed: int) -> None:
    rng = Random(seed)
    world = random_world(rng)
    for symbol in LISTED:
        ground = desk_ground(world, symbol)
        agree(world, symbol, ground, unchanged(ground))
    for symbol in rng.sample(sorted(LISTED), 2):
        ground = desk_ground(world, symbol)
        signed = random_size(rng, symbol, world.marks[symbol]) * rng.choice([1, -1])
        price = round(world.marks[symbol] * D(str(round(rng.uniform(0.99, 1.01), 4))), 2)
        holding, realised = pnl.after_fill(ground.instrument, ground.holding, signed, price)
        cash = realised - pnl.fee(ground.instrument, signed, price, TAKER)
        then = Change(holding, tuple(claim for _, claim in ground.claims), ground.leverage, cash)
        agree(traded(world, symbol, signed, price), symbol, ground, then)


@pytest.mark.parametrize("seed", range(ACCOUNTS))
def test_single_positions_and_their_orders(seed: int) -> None:
    rng = Random(10_000 + seed)
    world = random_world(rng)
    for symbol, held in world.held.items():
        row, instrument, mark = LISTED[symbol], INSTRUMENTS[symbol], world.marks[symbol]
        seen, own = world.exposure(symbol), pnl.Holding(held.size, held.entry)
        leverage = world.leverage.get(symbol)
        needed = margin.position_requirement(instrument, own, mark, leverage)
        claims = [margin.Claim(Side(claim.side), claim.size, claim.price) for claim in world.claims(symbol)]
        assert close(pnl.unrealised(instrument, own, mark), seen.pnl)
        assert close(needed.initial, seen.margin.initial)
        assert close(needed.maintenance, seen.margin.maintenance)
        assert close(margin.initial_with_orders(instrument, own, mark, claims, leverage), seen.with_orders)
        assert close(
            pnl.fee(instrument, held.size, mark, TAKER),
            venue_fee(inverse=row.inverse, size=held.size, price=mark, rate=TAKER),
        )
        for required in (D(0), needed.maintenance):
            if row.inverse:
                continue
            backing = D(rng.randint(-1_000, 100_000))
            coin = D(rng.choice(["0", "0.5", "30"]))
            assert same_price(
                liquidation.linear_threshold(instrument, own, backing=backing, required=required, coin=coin),
                venue_margin.linear_threshold(held.size, held.entry, backing=backing, required=required, coin=coin),
                instrument,
            )
