"""Several accounts at one exchange: they meet in the book, and know nothing else of each other."""

import asyncio
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from tests.exchange.doors import SECRET, Door
from tests.exchange.doors import D as D3
from tests.exchange.engines import crowd_takes, of, quotes
from tui.exchange import accounts
from tui.exchange.app import build
from tui.exchange.auth import Credentials
from tui.exchange.board import Subscriber
from tui.exchange.clients import enrol
from tui.exchange.commands import CancelAll, CancelAllAfter, Command, MovePrice, SendOrder, SetLeverage, Tick
from tui.exchange.config import EngineConfig
from tui.exchange.events import Filled, OrderChanged, PositionsChanged
from tui.exchange.exchange import Engine
from tui.exchange.keys import KeysError
from tui.exchange.options import Options
from tui.exchange.session import Session
from tui.exchange.venue import Venue
from tui.wire.derivatives.signing import authent, sign_challenge

D = Decimal
PF = "PF_XBTUSD"
START_MS = 1_790_000_000_000
STILL = EngineConfig(activity=0.0, warm_start_hours=0)


def two(**poor: Decimal) -> Engine:
    """``a`` and ``b`` alone in the book of ``PF``."""
    starts = {"a": STILL, "b": EngineConfig(activity=0.0, warm_start_hours=0, flex=dict(poor)) if poor else STILL}
    engine = Engine(STILL, 1, START_MS, starts)
    quotes(engine, PF, [], [])
    return engine


def order(side: str, size: str, limit: str | None, **more: object) -> SendOrder:
    kind = "mkt" if limit is None else "lmt"
    return SendOrder(
        symbol=PF,
        side=side,
        order_type=str(more.pop("order_type", kind)),
        size=D(size),
        limit_price=None if limit is None else D(limit),
        reduce_only=bool(more.pop("reduce_only", False)),
    )


def test_two_accounts_trade_with_each_other() -> None:
    engine = two()
    maker = engine.step(order("sell", "0.5", "88000"), START_MS, "a").answer
    outcome = engine.step(order("buy", "0.2", None), START_MS, "b")
    a, b = engine.account("a"), engine.account("b")
    assert (a.positions()[0].size, b.positions()[0].size) == (D("-0.2"), D("0.2"))
    (sold,), (bought,) = a.fills(), b.fills()
    assert (sold.fill_type, bought.fill_type) == ("maker", "taker")
    assert (sold.fill_id, sold.price, sold.size) == (bought.fill_id, bought.price, bought.size)
    assert sold.fee < bought.fee
    (resting,) = a.open_orders()
    assert (resting.order_id, resting.filled) == (maker.order_id, D("0.2"))
    told = {account for event, account in outcome.told if isinstance(event, Filled | OrderChanged | PositionsChanged)}
    assert told == {"a", "b"}
    assert all(account is not None for event, account in outcome.told if isinstance(event, Filled))
    assert len(of(outcome.events, Filled)) == 2


def test_each_sees_its_own_alone() -> None:
    engine = two()
    engine.step(order("buy", "0.1", "70000"), START_MS, "a")
    engine.step(SetLeverage(PF, D(5)), START_MS, "b")
    a, b = engine.account("a"), engine.account("b")
    assert (len(a.open_orders()), b.open_orders()) == (1, ())
    assert (a.leverage_preferences(), b.leverage_preferences()) == ({}, {PF: D(5)})
    assert engine.step(CancelAll(), START_MS, "b").answer.status == "noOrdersToCancel"
    assert len(a.open_orders()) == 1


def test_the_crowd_meets_the_accounts_in_the_order_they_came() -> None:
    engine = two()
    engine.step(order("buy", "0.3", "87000"), START_MS, "b")
    engine.step(order("buy", "0.3", "87000"), START_MS, "a")
    crowd_takes(engine, PF, "sell", "0.4", "87000")
    assert [engine.account(name).positions()[0].size for name in ("b", "a")] == [D("0.3"), D("0.1")]


def test_a_makers_reduce_only_orders_shrink_with_its_position() -> None:
    engine = two()
    engine.step(order("buy", "1", "88000"), START_MS, "b")
    engine.step(order("sell", "1", None), START_MS, "a")
    for limit in ("89000", "90000"):
        engine.step(order("sell", "0.5", limit, reduce_only=True), START_MS, "b")
    engine.step(order("sell", "0.8", "88500"), START_MS, "b")
    engine.step(order("buy", "0.8", None), START_MS, "a")
    left = {resting.limit_price: resting.remaining for resting in engine.account("b").open_orders()}
    assert left == {D(89_000): D("0.2")}


def test_a_liquidation_is_taken_by_another_account() -> None:
    engine = two(USD=D(3_000))
    engine.step(order("sell", "1", "88000"), START_MS, "a")
    engine.step(order("buy", "1", None), START_MS, "b")
    engine.step(order("buy", "2", "80000"), START_MS, "a")
    commands: list[Command[object]] = [MovePrice("XBT", D(84_000)), Tick(), Tick()]
    for number, command in enumerate(commands):
        engine.step(command, START_MS + 1_000 * number)
        quotes(engine, PF, [], [])
    assert engine.account("b").positions() == ()
    assert {fill.fill_type for fill in engine.account("b").fills()} - {"taker"}


def test_the_dead_man_is_each_accounts_own() -> None:
    engine = two()
    for name in ("a", "b"):
        engine.step(order("buy", "0.1", "70000"), START_MS, name)
    engine.step(CancelAllAfter(10), START_MS, "a")
    engine.step(Tick(), START_MS + 11_000)
    assert [len(engine.account(name).open_orders()) for name in ("a", "b")] == [0, 1]


def test_what_one_wins_in_a_trade_the_other_loses() -> None:
    engine = two()
    engine.step(order("sell", "1", "88000"), START_MS, "a")
    engine.step(order("buy", "1", None), START_MS, "b")
    engine.step(order("buy", "1", "89500"), START_MS, "a")
    engine.step(order("sell", "1", None), START_MS, "b")
    money = [engine.account(name).flex_account().balance_value for name in ("a", "b")]
    fees = sum(fill.fee for name in ("a", "b") for fill in engine.account(name).fills())
    assert sum(money) == 2 * D(50_000) - fees
    assert money[1] > money[0]


# --- the doors ---------------------------------------------------------------------------------------------

KEYS = [
    ("a", Credentials("key-a", SECRET)),
    ("b", Credentials("key-b", SECRET)),
    ("a", Credentials("eyes", SECRET, read_only=True)),
]


def venue_of_two() -> Venue:
    engine = Engine(STILL, 1, START_MS, {"a": STILL, "b": STILL})
    return Venue(engine, STILL, Options(seed=1), enrol(KEYS), lambda: START_MS, steady_s=lambda: 0.0)


async def test_each_key_opens_its_account() -> None:
    door = Door()
    door.venue = venue_of_two()
    door.client = httpx.AsyncClient(transport=httpx.ASGITransport(build(door.venue)), base_url="http://127.0.0.1:1")
    seen = {}
    for key in ("key-a", "key-b", "eyes"):
        door.key = key
        if key != "eyes":
            status = await door.rest_limit(cliOrdId=key)
            assert status["status"] == "placed"
        rows = (await door.get(f"{D3}/openorders")).body["openOrders"]
        seen[key] = [row["cliOrdId"] for row in rows]
    assert seen == {"key-a": ["key-a"], "key-b": ["key-b"], "eyes": ["key-a"]}
    refused = await door.post(f"{D3}/cancelallorders")
    assert refused.body["error"] == "authenticationError"


async def test_no_order_is_lost_or_doubled_among_a_thousand_at_once() -> None:
    names = [f"n{number}" for number in range(10)]
    rich = replace(STILL, flex={"USD": D(10_000_000)})
    engine = Engine(STILL, 1, START_MS, dict.fromkeys(names, rich))
    quotes(engine, PF, [], [])
    clients = enrol((name, Credentials(name, SECRET)) for name in names)
    options = Options(seed=1, rate_limit="off")
    app = httpx.ASGITransport(build(Venue(engine, STILL, options, clients, lambda: START_MS, steady_s=lambda: 0.0)))
    async with httpx.AsyncClient(transport=app, base_url="http://127.0.0.1:1") as client:

        async def place(number: int) -> tuple[str, str]:
            name, side = names[number % 10], "buy" if number % 3 else "sell"
            form = f"orderType=lmt&symbol={PF}&side={side}&size=0.01&limitPrice={88_000 + number % 7}&cliOrdId={number}"
            signature = authent(form.encode(), "", f"{D3}/sendorder", SECRET)
            content_type = "application/x-www-form-urlencoded"
            headers = {"APIKey": name, "Authent": signature, "Content-Type": content_type}
            answer = await client.post(f"{D3}/sendorder", content=form, headers=headers)
            status = answer.json()["sendStatus"]
            return name, status["order_id"]

        placed = await asyncio.gather(*(place(number) for number in range(1_000)))
    assert len({order_id for _, order_id in placed}) == 1_000
    bought = sold = D(0)
    for name in names:
        account = engine.account(name)
        known = [record.order.order_id for record in account.order_history() if record.kind in {"placed", "rejected"}]
        assert sorted(known) == sorted(order_id for owner, order_id in placed if owner == name)
        assert len({order.order_id for order in account.open_orders()}) == len(account.open_orders())
        for fill in account.fills(limit=10_000):
            bought, sold = (bought + fill.size, sold) if fill.side == "buy" else (bought, sold + fill.size)
    assert bought == sold > 0


def test_private_frames_reach_their_account_alone() -> None:
    venue = venue_of_two()
    subscribers = {}
    for key in ("key-a", "key-b"):
        subscriber = subscribers[key] = Subscriber(1_000, lambda: None)
        session = Session(venue.engine, venue.hub, venue.client, subscriber, lambda: "c")
        session.receive(json.dumps({"event": "challenge", "api_key": key}), 0.0)
        signed = {"api_key": key, "original_challenge": "c", "signed_challenge": sign_challenge("c", SECRET)}
        for feed in ("fills", "open_orders", "open_positions", "balances"):
            session.receive(json.dumps({"event": "subscribe", "feed": feed, **signed}), 0.0)
        subscriber.outbox.clear()
    venue.apply(order("buy", "0.1", None), "b")
    frames = {key: [json.loads(frame)["feed"] for frame in one.outbox] for key, one in subscribers.items()}
    assert frames["key-a"] == []
    assert {"fills", "open_positions", "balances"} <= set(frames["key-b"])


def test_an_account_that_no_key_opens_any_more_lives_on_unheard() -> None:
    """Kept from an earlier run, say: its orders still stand in the books."""
    engine = Engine(STILL, 1, START_MS, {"a": STILL, "gone": STILL})
    quotes(engine, PF, [], [])
    engine.step(order("sell", "0.1", "88000"), START_MS, "gone")
    venue = Venue(engine, STILL, Options(seed=1), enrol(KEYS[:1]), lambda: START_MS, steady_s=lambda: 0.0)
    venue.apply(order("buy", "0.1", None), "a")
    assert [fill.size for fill in engine.account("gone").fills()] == [D("0.1")]


# --- the file ----------------------------------------------------------------------------------------------


def test_a_file_names_accounts_balances_and_keys(tmp_path: Path) -> None:
    path = tmp_path / "accounts.toml"
    path.write_text(
        '[[accounts]]\nname = "rich"\nbalances = { BTC = 3, USD = "1000.5" }\n'
        '[[accounts]]\nname = "rich"\napi_key = "eyes"\nprivate_key = "QUJD"\nread_only = true\n'
        '[[accounts]]\nname = "plain"\n'
    )
    first, second, third = accounts.read(path)
    assert first.balances == {"XBT": D(3), "USD": D("1000.5")}
    assert first.keys_file is not None
    assert json.loads(first.keys_file.read_text())["api_key"] == first.credentials.api_key
    assert (second.credentials.api_key, second.credentials.read_only, second.keys_file) == ("eyes", True, None)
    starts = accounts.configs((first, second, third), STILL)
    assert starts["rich"].flex == {"XBT": D(3), "USD": D("1000.5")}
    assert starts["plain"] == STILL
    assert [one.credentials for one in accounts.read(path)] == [
        first.credentials,
        second.credentials,
        third.credentials,
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "accounts.json"),
        ('{"accounts": []}', "length >= 1"),
        ('{"accounts": [{"name": "a/b"}]}', r"accounts\[0\].name"),
        ('{"accounts": [{"name": "a", "balance": {}}]}', "balance"),
        ('{"accounts": [{"name": "a", "balances": {"SHELL": 1}}]}', "account a: SHELL"),
        ('{"accounts": [{"name": "a", "balances": {"USD": -1}}]}', "account a: USD: -1"),
        ('{"accounts": [{"name": "a", "api_key": "k"}]}', "go together"),
        ('{"accounts": [{"name": "a", "api_key": "k", "private_key": "hush!"}]}', "account a"),
        (
            json.dumps({"accounts": [{"name": name, "api_key": "k", "private_key": "QUJD"} for name in "ab"]}),
            "k is listed twice",
        ),
    ],
)
def test_a_wrong_file_is_told_in_plain_words(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "accounts.json"
    path.write_text(text)
    with pytest.raises(KeysError, match=words) as raised:
        accounts.read(path)
    assert "hush" not in str(raised.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeysError, match="No such file"):
        accounts.read(tmp_path / "none.json")
