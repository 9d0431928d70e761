"""Days on which the venue fails: the real runtime against the exchange in another process, one fault at a time."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.exchange_process import ExchangeProcess
from tui.client.derivatives.client import KrakenFuturesClient
from tui.client.derivatives.urls import venue_url
from tui.journal.journal import Journal
from tui.journal.records import Verdict
from tui.model.enums import OrderType, Side
from tui.model.order import Accepted, CancelAllResult, CancelRequest, EditRequest, OrderRequest, Refused, Unknown
from tui.model.state import AlarmKind, LinkStatus, State
from tui.runtime import Runtime, open_runtime
from tui.settings import Desk as DeskSettings
from tui.settings import Settings
from tui.target import Target

XBT = "PF_XBTUSD"
SIZE = Decimal("0.01")
SETTINGS = Settings(desk=DeskSettings(refresh_s=2))
PATIENCE_S = 25.0
PRIVATE = ("open_orders_verbose", "fills", "open_positions", "balances")

Fault = dict[str, Any]


class Day:
    """The desk and the operator of the exchange under it."""

    def __init__(self, exchange: ExchangeProcess, runtime: Runtime, operator: httpx.AsyncClient) -> None:
        self.exchange = exchange
        self.runtime = runtime
        self._operator = operator
        self._changed = asyncio.Event()
        runtime.subscribe(lambda _urgent: self._changed.set())

    @property
    def state(self) -> State:
        return self.runtime.store.state

    async def fail(self, *faults: Fault, seed: int = 0) -> None:
        """From now on these faults; none: all is well again."""
        answer = await self._operator.put("/paper/v1/faults", json={"seed": seed, "faults": faults})
        assert answer.status_code == 200, answer.text

    async def struck(self) -> list[int]:
        found: list[int] = (await self._operator.get("/paper/v1/faults")).json()["struck"]
        return found

    async def command(self, name: str, **fields: object) -> None:
        answer = await self._operator.post(f"/paper/v1/{name}", json=fields)
        assert answer.status_code == 200, answer.text

    async def until(self, what: str, holds: Callable[[State], object]) -> State:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not holds(state := self.state):
                    self._changed.clear()
                    await self._changed.wait()
                return state
        except TimeoutError:
            state = self.state
            said = [alarm.text for alarm in state.alarms]
            pytest.fail(f"not within {PATIENCE_S:g} s: {what}; link {state.link}; said {said}; {state.unresolved}")

    async def request(self, percent: int = 5, order_type: OrderType = OrderType.LIMIT) -> OrderRequest:
        """A bid so far below the market that it rests, or a market order."""
        state = await self.until("the market is known", lambda s: XBT in s.tickers and s.tickers[XBT].bid)
        bid = state.tickers[XBT].bid
        assert bid is not None
        price = state.instruments[XBT].passive_price(Side.BUY, bid * (100 - percent) / 100)
        return OrderRequest(
            self.runtime.new_client_order_id(),
            XBT,
            Side.BUY,
            order_type,
            SIZE,
            limit_price=None if order_type is OrderType.MARKET else price,
        )

    async def client_ids(self) -> list[str | None]:
        """Client ids of what works at the exchange, asked over another connection."""
        async with KrakenFuturesClient(self.exchange.url, self.exchange.credentials) as client:
            return [order.client_order_id for order in await client.get_open_orders()]

    async def agrees(self) -> None:
        """The dial is turned off; then the desk comes to show what the exchange has."""
        await self.fail()
        ends = time.monotonic() + PATIENCE_S
        while True:
            async with KrakenFuturesClient(self.exchange.url, self.exchange.credentials) as client:
                orders = {one.order_id for one in await client.get_open_orders()}
                positions = {one.symbol: one.signed_size for one in await client.get_open_positions()}
                fills = {one.fill_id for one in await client.get_fills()}
            state = self.state
            shown = (
                {one.order_id for one in state.orders},
                {one.symbol: one.signed_size for one in state.positions},
                {one.fill_id for one in state.fills},
            )
            if shown == (orders, positions, fills):
                return
            assert time.monotonic() < ends, (shown, (orders, positions, fills))
            await asyncio.sleep(0.1)

    def alarms(self, kind: AlarmKind) -> list[str]:
        return [alarm.text for alarm in self.state.alarms if alarm.kind is kind]


@asynccontextmanager
async def bad_day(folder: Path, *options: str, state: bool = False) -> AsyncIterator[Day]:
    saved = folder / "account.sqlite3" if state else None
    async with ExchangeProcess("--control", "--seed", "3", *options, state=saved) as exchange:
        target = Target(venue_url(exchange.url), exchange.credentials, folder / "journal.sqlite3", "bad days")
        operator = httpx.AsyncClient(base_url=exchange.url, trust_env=False, timeout=10)
        async with operator, open_runtime(target, SETTINGS) as runtime:
            day = Day(exchange, runtime, operator)
            runtime.watch(XBT)
            await day.until("live with a book", lambda s: s.link.status is LinkStatus.LIVE and XBT in s.books)
            yield day


async def verdicts(folder: Path) -> list[Verdict | None]:
    """How the acts ended by the journal, latest first."""
    async with Journal(folder / "journal.sqlite3", "bad days") as journal:
        assert await journal.pending() == ()
        return [entry.verdict for entry in await journal.entries(100)]


# --- orders whose answer does not come ----------------------------------------------------------------------


LOST: dict[str, list[Fault]] = {
    "lost": [{"kind": "lost_answer", "on": "sendorder", "times": 1}],
    "lost, and the stream is dumb": [
        {"kind": "lost_answer", "on": "sendorder", "times": 1},
        {"kind": "skip_frame", "on": "private", "for_s": 3},
    ],
    "lost, and the lists are old": [
        {"kind": "lost_answer", "on": "sendorder", "times": 1},
        {"kind": "skip_frame", "on": "private", "for_s": 3},
        {"kind": "stale_answer", "on": "reads", "age_s": 2},
    ],
    "a page of the gateway": [{"kind": "gateway_error", "on": "sendorder", "http": 502, "acted": True, "times": 1}],
    "too late": [{"kind": "late_answer", "on": "sendorder", "ms": 1_500, "times": 1}],
}


@pytest.mark.parametrize("faults", LOST.values(), ids=LOST.keys())
async def test_an_order_without_an_answer_is_unresolved_then_settled_and_exists_once(
    faults: list[Fault], tmp_path: Path
) -> None:
    async with bad_day(tmp_path) as day:
        day.runtime.trading._answer_s = 1.0
        await day.fail(*faults)
        request = await day.request()
        assert isinstance(await day.runtime.submit(request), Unknown)
        assert day.alarms(AlarmKind.UNRESOLVED)
        await day.until("it is settled", lambda s: not s.unresolved and day.alarms(AlarmKind.RESOLVED))
        state = await day.until("it is shown", lambda s: s.orders)
        assert [order.client_order_id for order in state.orders] == [request.client_order_id]
        await day.fail()  # from here on the exchange's own lists are asked, which are not to be old
        assert await day.client_ids() == [request.client_order_id]
        await day.agrees()
    assert await verdicts(tmp_path) == [Verdict.ACCEPTED]


async def test_an_order_that_never_arrived_is_found_not_to_exist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.service.doubts.MARGIN_MS", 500)
    async with bad_day(tmp_path) as day:
        day.runtime.trading._valid_ms = 1_500
        await day.fail({"kind": "lost_request", "on": "sendorder", "times": 1})
        assert isinstance(await day.runtime.submit(await day.request()), Unknown)
        assert len(day.state.unresolved) == 1
        await day.until("it is settled", lambda s: not s.unresolved)
        assert await day.client_ids() == []
        assert day.state.orders == ()
    assert await verdicts(tmp_path) == [Verdict.NOT_SENT]


async def test_a_crash_after_the_order_was_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the exchange still knows the order after its restart is its affair: the desk must say the same."""
    monkeypatch.setattr("tui.service.doubts.MARGIN_MS", 500)
    async with bad_day(tmp_path, state=True) as day:
        day.runtime.trading._valid_ms = 1_500
        await day.fail({"kind": "crash", "on": "sendorder", "times": 1})
        assert isinstance(await day.runtime.submit(await day.request()), Unknown)
        await day.until("the desk says that the link is down", lambda s: s.link.status is LinkStatus.DOWN)
        await day.exchange.start()
        await day.until("live again", lambda s: s.link.status is LinkStatus.LIVE and not s.unresolved)
        await day.agrees()


async def test_a_lost_cancel_is_settled_too(tmp_path: Path) -> None:
    async with bad_day(tmp_path) as day:
        order = await day.runtime.submit(await day.request())
        assert isinstance(order, Accepted)
        await day.fail({"kind": "lost_answer", "on": "cancelorder", "times": 1})
        assert isinstance(await day.runtime.cancel(CancelRequest(XBT, order.order_id)), Unknown)
        await day.until("nothing works, nothing is open", lambda s: not s.orders and not s.unresolved)
        assert await day.client_ids() == []


# --- a stream that lies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("silenced", ["private", "challenge"])
async def test_dead_private_feeds_are_noticed_and_cured(
    silenced: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any time, or after a reconnect, when the venue gives no challenge any more."""
    monkeypatch.setattr("tui.client.derivatives.private.SILENCE_MS", 1_500)
    monkeypatch.setattr("tui.client.derivatives.private.FIRST_FRAME_WAIT_MS", 700)
    async with bad_day(tmp_path) as day:
        await day.fail({"kind": "skip_frame", "on": silenced})
        if silenced == "challenge":
            await day.command("disconnect", which="private")
        placed = await day.runtime.submit(await day.request())
        assert isinstance(placed, Accepted)
        state = await day.until("the desk says so", lambda s: "private feeds are silent" in s.link.reason)
        assert [order.order_id for order in state.orders] == [placed.order_id]
        assert (await day.until("a new connection", lambda s: s.link.reconnects)).link.status is not LinkStatus.LIVE
        await day.fail()
        await day.until("live again", lambda s: s.link.status is LinkStatus.LIVE)
        await day.agrees()


async def test_a_half_open_stream_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.client.derivatives.session.SILENCE_MS", 2_500)
    async with bad_day(tmp_path) as day:
        await day.fail({"kind": "half_open", "times": 1})
        await day.until("the desk says so", lambda s: s.link.status is LinkStatus.DOWN)
        assert any("no data" in text for text in day.alarms(AlarmKind.LINK))
        await day.until("live again", lambda s: s.link.status is LinkStatus.LIVE)
        await day.agrees()


async def test_fills_that_were_skipped_are_fetched(tmp_path: Path) -> None:
    async with bad_day(tmp_path) as day:
        request = await day.request()
        placed = await day.runtime.submit(request)
        assert isinstance(placed, Accepted)
        assert request.limit_price is not None
        await day.fail({"kind": "skip_frame", "on": "fills"}, {"kind": "skip_frame", "on": "open_orders_verbose"})
        await day.command("price", underlying="XBT", price=float(request.limit_price * Decimal("0.99")))
        state = await day.until("the fills are known", lambda s: sum(f.size for f in s.fills) == SIZE and not s.orders)
        assert state.position(XBT) is not None
        await day.agrees()


async def test_fills_while_the_stream_was_cut_are_fetched(tmp_path: Path) -> None:
    async with bad_day(tmp_path) as day:
        await day.runtime.submit(await day.request(order_type=OrderType.MARKET))
        await day.until("one fill", lambda s: s.fills)
        await day.fail({"kind": "cut", "for_s": 2})
        await day.until("the stream is down", lambda s: s.link.status is LinkStatus.DOWN)
        async with KrakenFuturesClient(day.exchange.url, day.exchange.credentials) as other:
            for _ in range(3):
                await other.send_order(XBT, Side.BUY, SIZE, order_type=OrderType.MARKET)
        await day.until("all fills", lambda s: sum(f.size for f in s.fills) == 4 * SIZE)
        await day.until("live again", lambda s: s.link.status is LinkStatus.LIVE)
        await day.agrees()


async def test_frames_twice_out_of_order_late_and_odd_count_once(tmp_path: Path) -> None:
    async with bad_day(tmp_path) as day:
        await day.fail(
            {"kind": "duplicate_frame", "probability": 0.5},
            {"kind": "reorder_frames", "on": "private", "probability": 0.5, "ms": 150},
            {"kind": "late_snapshot", "ms": 300, "overtaken": True, "probability": 0.7},
            {"kind": "exponents"},
            {"kind": "skip_frame", "on": "book", "probability": 0.05},
        )
        await day.command("disconnect")
        await day.until("live again", lambda s: s.link.reconnects and s.link.status is LinkStatus.LIVE)
        for _ in range(4):
            assert isinstance(await day.runtime.submit(await day.request(order_type=OrderType.MARKET)), Accepted)
            placed = await day.runtime.submit(await day.request())
            assert isinstance(placed, Accepted)
            assert isinstance(await day.runtime.cancel(CancelRequest(XBT, placed.order_id)), Accepted)
        await day.until("all counted", lambda s: (p := s.position(XBT)) and p.signed_size == 4 * SIZE and not s.orders)
        assert sum(fill.size for fill in day.state.fills) == 4 * SIZE
        await day.agrees()


async def test_a_book_with_a_gap_is_asked_for_again(tmp_path: Path) -> None:
    async with bad_day(tmp_path) as day:
        await day.fail({"kind": "skip_frame", "on": "book", "times": 1})
        await day.until("the gap is seen", lambda s: any(f.name == "book" and f.gaps for f in s.health.feeds))
        await day.until("the book is back", lambda s: XBT in s.books and s.books[XBT].best(Side.BUY))


# --- REST that lies or refuses ------------------------------------------------------------------------------


async def test_old_lists_neither_raise_the_dead_nor_kill_the_living(tmp_path: Path) -> None:
    async with bad_day(tmp_path) as day:
        await day.fail({"kind": "stale_answer", "age_s": 2.5})
        await asyncio.sleep(0.5)
        living = await day.runtime.submit(await day.request())
        dead = await day.runtime.submit(await day.request(percent=6))
        assert isinstance(living, Accepted)
        assert isinstance(dead, Accepted)
        assert isinstance(await day.runtime.submit(await day.request(order_type=OrderType.MARKET)), Accepted)
        await day.until("the position is shown", lambda s: s.position(XBT))
        await stays(day, {living.order_id, dead.order_id})
        assert isinstance(await day.runtime.cancel(CancelRequest(XBT, dead.order_id)), Accepted)
        await stays(day, {living.order_id})
        assert (await day.struck())[0] > 4
        await day.agrees()


async def stays(day: Day, orders: set[str | None], seconds: float = 3.5) -> None:
    """At no moment does the desk show other orders, or another position than the one clip."""
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s:
        state = day.state
        position = state.position(XBT)
        shown = {order.order_id for order in state.orders}
        assert (shown, position and position.signed_size) == (orders, SIZE), state.health.differences
        await asyncio.sleep(0.01)


WAITS: dict[str, tuple[Fault, float]] = {
    "429 that names the wait": ({"retry_after_s": 2}, 2.0),
    "429 that does not": ({}, 1.0),
    "the word alone": ({"http": 200}, 1.0),
}


@pytest.mark.parametrize(("form", "wait_s"), WAITS.values(), ids=WAITS.keys())
async def test_a_spent_budget_is_waited_for_and_cancels_still_go(form: Fault, wait_s: float, tmp_path: Path) -> None:
    async with bad_day(tmp_path) as day:
        working = await day.runtime.submit(await day.request())
        assert isinstance(working, Accepted)
        await day.fail({"kind": "rate_limit", "on": "sendorder", "times": 1, **form})
        refused_at = time.monotonic()
        refused = await day.runtime.submit(await day.request())
        assert isinstance(refused, Refused)
        wait_until_ms = day.state.budget.wait_until_ms
        assert wait_until_ms is not None
        assert abs(wait_until_ms - time.time() * 1000 - wait_s * 1000) < 500
        again = await day.runtime.submit(await day.request())
        assert isinstance(again, Refused)
        assert again.by_desk, "nothing was sent"
        assert await day.struck() == [1]
        assert isinstance(await day.runtime.cancel(CancelRequest(XBT, working.order_id)), Accepted)
        assert isinstance(await day.runtime.cancel_all(), CancelAllResult)
        while isinstance(outcome := await day.runtime.submit(await day.request()), Refused):  # noqa: ASYNC110 as a hand
            await asyncio.sleep(0.05)
        assert isinstance(outcome, Accepted)
        assert wait_s - 0.1 < time.monotonic() - refused_at < wait_s + 3
        await day.agrees()


async def test_maintenance_is_told_in_words_and_then_the_market_is_post_only(tmp_path: Path) -> None:
    async with bad_day(tmp_path) as day:
        await day.fail({"kind": "maintenance", "for_s": 2, "post_only_s": 2})
        refused = await day.runtime.submit(await day.request())
        assert isinstance(refused, Refused)
        assert "maintenance" in refused.explanation
        assert not day.state.unresolved
        await day.until("the desk says so", lambda s: any("maintenance" in a.text for a in s.alarms))
        await day.until("post-only", lambda s: s.tickers[XBT].post_only)
        refused = await day.runtime.submit(await day.request(order_type=OrderType.MARKET))
        assert isinstance(refused, Refused)
        assert "post-only" in f"{refused.explanation} {refused.advice}".lower().replace("post only", "post-only")
        await day.until("open again", lambda s: not s.tickers[XBT].post_only)
        assert isinstance(await day.runtime.submit(await day.request(order_type=OrderType.MARKET)), Accepted)
        await day.agrees()


@pytest.mark.parametrize("word", ["nonceBelowThreshold", "nonceDuplicate"])
async def test_a_nonce_that_is_refused_is_a_refusal_in_words(word: str, tmp_path: Path) -> None:
    async with bad_day(tmp_path) as day:
        await day.fail({"kind": "nonce", "on": "sendorder", "word": word, "times": 1})
        refused = await day.runtime.submit(await day.request())
        assert isinstance(refused, Refused)
        assert "nonce" in refused.explanation
        assert "key" in refused.advice
        assert isinstance(await day.runtime.submit(await day.request()), Accepted)


async def test_reads_that_fail_for_a_while_leave_what_is_known(tmp_path: Path) -> None:
    async with bad_day(tmp_path) as day:
        placed = await day.runtime.submit(await day.request())
        assert isinstance(placed, Accepted)
        await day.fail({"kind": "gateway_error", "on": "reads", "http": 503})
        await day.until("the desk says so", lambda s: any("maintenance" in a.text for a in s.alarms))
        assert [order.order_id for order in day.state.orders] == [placed.order_id]
        await day.agrees()


# --- clocks -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("skew_ms", [3_600_000, -3_600_000])
async def test_a_venue_with_another_idea_of_time_takes_orders_and_refuses_late_ones(
    skew_ms: int, tmp_path: Path
) -> None:
    dial = tmp_path / "skew.json"
    dial.write_text(json.dumps({"faults": [{"kind": "clock_skew", "ms": skew_ms}]}))
    async with bad_day(tmp_path, "--faults", str(dial)) as day:
        known = day.state.health.clock_skew_ms
        assert known is not None
        assert abs(known - skew_ms) < 500
        day.runtime.trading._valid_ms = 1_000
        assert isinstance(await day.runtime.submit(await day.request()), Accepted)
        await day.fail(
            {"kind": "clock_skew", "ms": skew_ms}, {"kind": "late_request", "on": "sendorder", "ms": 1_500, "times": 1}
        )
        late = await day.runtime.submit(await day.request())
        assert isinstance(late, Refused), "the order carries a bound by the venue's clock, and that was over"


async def test_answers_that_tell_a_wrong_time_spoil_no_order(tmp_path: Path) -> None:
    async with bad_day(tmp_path) as day:
        await day.fail({"kind": "clock_skew", "ms": -30_000, "told_only": True})
        for _ in range(6):
            assert isinstance(await day.runtime.submit(await day.request()), Accepted)
            await asyncio.sleep(0.4)


async def test_time_that_runs_fast_or_jumps_spoils_no_order(tmp_path: Path) -> None:
    async with bad_day(tmp_path, "--speed", "10", "--rate-limit", "off") as day:
        for _ in range(8):
            assert isinstance(await day.runtime.submit(await day.request(order_type=OrderType.MARKET)), Accepted)
            await asyncio.sleep(0.3)
        await day.command("clock/advance", seconds=600)
        assert isinstance(await day.runtime.submit(await day.request(order_type=OrderType.MARKET)), Accepted)
        await day.agrees()


# --- everything at once -------------------------------------------------------------------------------------


STORM: list[Fault] = [
    {"kind": "late_request", "probability": 0.1, "ms": 20, "tail_ms": 100},
    {"kind": "late_answer", "probability": 0.2, "ms": 20, "tail_ms": 200},
    {"kind": "lost_request", "probability": 0.05},
    {"kind": "lost_answer", "probability": 0.1},
    {"kind": "gateway_error", "probability": 0.05, "acted": True},
    {"kind": "stale_answer", "probability": 0.3, "age_s": 1.5},
    {"kind": "duplicate_frame", "probability": 0.1},
    {"kind": "reorder_frames", "on": "private", "probability": 0.1, "ms": 300},
    {"kind": "late_snapshot", "probability": 0.5, "ms": 200, "overtaken": True},
    {"kind": "skip_frame", "on": "private", "probability": 0.05},
    {"kind": "cut", "probability": 0.002},
    {"kind": "exponents"},
]


@pytest.mark.parametrize("seed", [1, 2])
async def test_after_a_storm_the_desk_knows_all_and_sent_nothing_twice(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.service.doubts.MARGIN_MS", 500)
    monkeypatch.setattr("tui.service.doubts.UNBOUNDED_ACT_MS", 3_000)
    rng = random.Random(seed)
    async with bad_day(tmp_path, "--rate-limit", "off") as day:
        day.runtime.trading._valid_ms = 2_000
        day.runtime.trading._answer_s = 1.0
        asked: list[str] = []
        await day.fail(*STORM, seed=seed)
        until_s = time.monotonic() + 6
        while time.monotonic() < until_s:
            await _trade(day, rng, asked)
            await asyncio.sleep(rng.random() * 0.4)
        assert sum(count > 0 for count in await day.struck()) > 8, "it was a storm"
        await day.agrees()
        await day.until("nothing is open to doubt", lambda s: not s.unresolved)
        await day.agrees()
        fills = day.state.fills
        taken = {fill.client_order_id for fill in fills} | {order.client_order_id for order in day.state.orders}
        assert taken <= set(asked), "nothing works or was filled that was not asked for"
        sizes = Counter[str | None]()
        for fill in fills:
            sizes[fill.client_order_id] += fill.size  # type: ignore[assignment] # Counter counts Decimals as well
        assert all(size <= SIZE for size in sizes.values()), "no order was filled twice"


async def _trade(day: Day, rng: random.Random, asked: list[str]) -> None:
    """Something a trader does."""
    runtime, orders = day.runtime, day.state.orders
    match rng.randrange(6):
        case 0 if orders:
            await runtime.cancel(CancelRequest(XBT, rng.choice(orders).order_id))
        case 1 if orders:
            order = rng.choice(orders)
            if order.limit_price is not None:
                await runtime.edit(EditRequest(XBT, order.order_id, limit_price=order.limit_price - 7))
        case 2 if rng.random() < 0.3:
            await runtime.cancel_all()
        case kind:
            request = await day.request(5 + rng.randrange(5), OrderType.MARKET if kind == 3 else OrderType.LIMIT)
            asked.append(request.client_order_id)
            await runtime.submit(request, accept_doubts=True)
