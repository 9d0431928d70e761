"""Whole sessions of three accounts at random in a living market: what must hold whatever the traders do."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui.exchange.commands import (
    CancelAll,
    Command,
    EditOrder,
    MovePrice,
    OrderAnswer,
    SendOrder,
    SetLeverage,
    SetSelfTradeStrategy,
    Tick,
)
from tui.exchange.config import EngineConfig
from tui.exchange.events import BookChanged, Filled, OrderChanged, Told
from tui.exchange.exchange import Engine
from tui.exchange.orders import sign_of
from tui.exchange.positions import profit
from tui.exchange.statement import Statement
from tui.exchange.views import Fill

from .engines import START_MS, best, free_margin

D = Decimal
CONFIG = EngineConfig(flex={"USD": D(20_000), "XBT": D("0.2")}, warm_start_hours=0)
ACCOUNTS = {
    "mixed": CONFIG,
    "rich": replace(CONFIG, flex={"USD": D(400_000)}),
    "poor": replace(CONFIG, flex={"USD": D(2_500)}, wallets={"fi_xbtusd": D("0.02"), "fi_ethusd": D(1)}),
}
UNITS = {"PF_XBTUSD": "0.05", "PF_ETHUSD": "1", "PI_XBTUSD": "2500"}

Action = Callable[[Engine, str], Command[object]]
"""What a trader (of this account) does next."""

Session = list[tuple[Action, str, int]]
"""Acts, by whom, and the milliseconds after each."""


def trade(symbol: str, side: str, order_type: str, units: int, *, away: int, reduce_only: bool) -> Action:
    """An order some ticks from the touch (negative = through it)."""

    def command(engine: Engine, _: str) -> Command[object]:
        bid, ask = best(engine, symbol)
        tick = engine.instrument(symbol).tick
        price = bid - away * tick if side == "buy" else ask + away * tick
        stop = price if order_type in {"stp", "take_profit"} else None
        limit = None if order_type == "mkt" or stop else price
        return SendOrder(
            symbol, side, order_type, D(UNITS[symbol]) * units, limit, stop, "mark", reduce_only=reduce_only
        )

    return command


def change_order(number: int, away: int, units: int) -> Action:
    def command(engine: Engine, account: str) -> Command[object]:
        orders = engine.account(account).open_orders()
        if not orders:
            return Tick()
        order = orders[number % len(orders)]
        bid, _ = best(engine, order.symbol)
        price = bid + away * engine.instrument(order.symbol).tick
        return EditOrder(order.order_id, size=D(UNITS[order.symbol]) * units, limit_price=price)

    return command


symbols = st.sampled_from(sorted(UNITS))
sides = st.sampled_from(["buy", "sell"])
types = st.sampled_from(["lmt", "lmt", "mkt", "mkt", "post", "ioc", "fok", "stp", "take_profit"])
actions: st.SearchStrategy[Action] = st.one_of(
    st.builds(trade, symbols, sides, types, st.integers(1, 12), away=st.integers(-30, 30), reduce_only=st.booleans()),
    st.builds(change_order, st.integers(0, 9), st.integers(-30, 30), st.integers(1, 12)),
    st.sampled_from(
        [
            lambda *_: Tick(),
            lambda *_: Tick(),
            lambda *_: CancelAll(),
            lambda *_: SetSelfTradeStrategy("CANCEL_MAKER_SELF"),
            lambda *_: SetLeverage("PF_XBTUSD", D(10)),
            lambda *_: SetLeverage("PF_XBTUSD", None),
        ]
    ),
    st.integers(-4, 4).map(lambda percent: lambda *_: MovePrice("XBT", D(88_000) * (100 + percent) / 100)),
)
sessions = st.lists(
    st.tuples(actions, st.sampled_from(sorted(ACCOUNTS)), st.integers(50, 2_000)), min_size=5, max_size=25
)


def fresh() -> Engine:
    return Engine(CONFIG, seed=3, now_ms=START_MS, accounts=ACCOUNTS)


def run(session: Session, check: Callable[[Engine, tuple[Told, ...]], None]) -> Engine:
    engine = fresh()
    for action, account, elapsed_ms in session:
        check(engine, engine.step(action(engine, account), engine.now_ms, account).told)
        check(engine, engine.step(Tick(), engine.now_ms + elapsed_ms).told)
    return engine


def check_books(engine: Engine) -> None:
    """Never crossed, and the book and the blotters hold the same orders."""
    live = {
        (name, order.order_id): order.remaining
        for name in engine.accounts
        for order in engine.account(name).open_orders()
        if not order.is_trigger
    }
    seen: dict[tuple[str, str], Decimal] = {}
    for symbol, market in engine._floor.markets.items():
        bid, ask = market.book.bids.best, market.book.asks.best
        assert bid is None or ask is None or bid < ask, symbol
        for side in (market.book.bids, market.book.asks):
            for level in side.levels.values():
                seen |= {key: market.size(lots) for key, lots in level.queue if key is not None}
    assert seen == live


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sessions)
def test_who_follows_the_changes_never_sees_a_crossed_book(session: Session) -> None:
    engine = fresh()
    views = [engine.book(row.symbol) for row in engine.instruments()]
    books = {view.symbol: {"buy": dict(view.bids), "sell": dict(view.asks)} for view in views}

    def follow(_engine: Engine, told: tuple[Told, ...]) -> None:
        for event, _ in told:
            if isinstance(event, BookChanged):
                book = books[event.symbol]
                book[event.side][event.price] = event.qty
                if not event.qty:
                    del book[event.side][event.price]
                assert not book["buy"] or not book["sell"] or max(book["buy"]) < min(book["sell"])

    engine = run(session, follow)
    for symbol, book in books.items():
        view = engine.book(symbol)
        assert (book["buy"], book["sell"]) == (dict(view.bids), dict(view.asks))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sessions)
def test_orders_and_fills_hold_together(session: Session) -> None:
    filled: defaultdict[str, Decimal] = defaultdict(Decimal)
    fills: defaultdict[str, list[Fill]] = defaultdict(list)

    def check(engine: Engine, told: tuple[Told, ...]) -> None:
        check_books(engine)
        for event, account in told:
            if isinstance(event, OrderChanged):
                assert event.order.filled >= filled[event.order.order_id]
                assert 0 <= event.order.filled <= event.order.quantity
            if isinstance(event, Filled):
                assert account is not None
                fills[account].append(event.fill)
                assert event.fill.order.filled == filled[event.fill.order_id]
                filled[event.fill.order_id] += event.fill.size
                if event.fill.order.reduce_only:
                    assert abs(event.fill.position_after) < abs(event.fill.position_before)

    engine = run(session, check)
    for name in engine.accounts:
        check_fills(engine.account(name), fills[name])
    check_counterparties(fills)
    placed = [
        record.order.order_id
        for name in engine.accounts
        for record in engine.account(name).order_history()
        if record.kind == "placed"
    ]
    assert len(set(placed)) == len(placed)


def check_fills(account: Statement, fills: list[Fill]) -> None:
    """Counted without a gap, each once, and together they are the positions."""
    assert [fill.seq for fill in fills] == list(range(len(fills)))
    assert len({fill.fill_id for fill in fills}) == len(fills)
    replayed: defaultdict[str, Decimal] = defaultdict(Decimal)
    for fill in fills:
        assert fill.position_before == replayed[fill.symbol]
        replayed[fill.symbol] += fill.size * sign_of(fill.side)
    held = {position.symbol: position.size for position in account.positions()}
    assert held == {symbol: size for symbol, size in replayed.items() if size}


def check_counterparties(fills: dict[str, list[Fill]]) -> None:
    """Where two accounts met, one bought what the other sold, at one price; nobody trades with himself."""
    of_trade: defaultdict[str, list[tuple[str, Fill]]] = defaultdict(list)
    for account, rows in fills.items():
        for fill in rows:
            of_trade[fill.fill_id].append((account, fill))
    for sides in of_trade.values():
        assert len(sides) <= 2
        if len(sides) == 2:
            (one, first), (other, second) = sides
            assert one != other
            assert (first.symbol, first.price, first.size) == (second.symbol, second.price, second.size)
            assert {first.side, second.side} == {"buy", "sell"}
            assert {first.is_maker, second.is_maker} == {True, False}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sessions)
def test_every_cent_is_explained_by_the_log(session: Session) -> None:
    engine = run(session, lambda *_: None)
    for name, config in ACCOUNTS.items():
        check_log(engine, engine.account(name), config)


def check_log(engine: Engine, account: Statement, config: EngineConfig) -> None:
    """The log's rows lead without a gap from what the account began with to what it has."""
    balances: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    balances |= {("flex", name.lower()): amount for name, amount in config.flex.items()}
    balances |= {(f"f-{name[3:6]}:usd", name[3:6]): amount for name, amount in config.wallets.items()}
    for row in account.account_log():
        key = (row.margin_account, row.asset)
        assert balances[key] == row.old_balance
        balances[key] = row.new_balance
        if row.info != "conversion" and row.asset == row.collateral:
            change = row.realized_pnl - row.fee + row.realized_funding - row.liquidation_fee
            assert row.new_balance - row.old_balance == change
    flex = {("flex", row.currency.lower()): row.quantity for row in account.flex_account().currencies}
    coins = {(f"f-{row.currency}:usd", row.currency): row.balance for row in account.wallets()}
    sizes = {key: size for key, size in balances.items() if "_" in key[1] and size}
    held = {position.symbol.lower(): position.size for position in account.positions()}
    assert {key: amount for key, amount in balances.items() if "_" not in key[1]} == flex | coins
    assert {asset: size for (_, asset), size in sizes.items()} == held
    if not any(row.info == "conversion" for row in account.account_log()):
        check_equity(engine, account, config)


def check_equity(engine: Engine, account: Statement, config: EngineConfig) -> None:
    """Equity moved by what trading made: cash flows of the fills at the mark, less fees, plus funding."""
    made: defaultdict[str, Decimal] = defaultdict(Decimal)
    for fill in account.fills(limit=10_000):
        instrument = engine.instrument(fill.symbol)
        mark = engine.ticker(fill.symbol).mark
        signed = fill.size * sign_of(fill.side)
        gain = profit(inverse=instrument.inverse, size=signed, entry=fill.price, price=mark)
        made[instrument.wallet] += gain - fill.fee
    for row in account.account_log():
        made["flex" if row.margin_account == "flex" else f"fi_{row.asset}usd"] += row.realized_funding
    flex = account.flex_account()
    usd = next(row.quantity for row in flex.currencies if row.currency == "USD")
    gained = usd - config.flex["USD"] + flex.totals.pnl
    assert abs(gained - made["flex"]) < D("1e-8")
    for wallet in account.wallets():
        assert abs(wallet.balance - config.wallets[wallet.name] + wallet.pnl - made[wallet.name]) < D("1e-12")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sessions)
def test_an_accepted_order_leaves_free_margin(session: Session) -> None:
    engine = fresh()
    for action, account, elapsed_ms in session:
        command = action(engine, account)
        if isinstance(command, SendOrder) and command.order_type not in {"stp", "take_profit"}:
            before = free_margin(engine, command.symbol, account)
            answer = engine.step(command, engine.now_ms, account).answer
            assert isinstance(answer, OrderAnswer)
            after = free_margin(engine, command.symbol, account)
            assert answer.status != "placed" or after >= min(before, D(0)) - D("1e-9")
        else:
            engine.step(command, engine.now_ms, account)
        engine.step(Tick(), engine.now_ms + elapsed_ms)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sessions)
def test_the_same_session_gives_the_same_events(session: Session) -> None:
    def events_of() -> list[Told]:
        seen: list[Told] = []
        run(session, lambda _engine, told: seen.extend(told))
        return seen

    assert events_of() == events_of()
