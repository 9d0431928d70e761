"""Nobody hears of what is not written down; what is asked at once is written down together."""

import asyncio
from dataclasses import dataclass, field

from tests.exchange.doors import D, Door
from tui.exchange.board import Subscriber
from tui.exchange.exchange import MAIN
from tui.wire.derivatives.feeds import Feed


@dataclass
class Shelf:
    """A venue that writes at the end of a turn; ``heard`` is what a listener had heard at each writing."""

    door: Door = field(default_factory=Door)
    heard: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listener = Subscriber(1_000, lambda: None)
        self.door.venue.hub.subscribe(self.listener, (Feed.OPEN_ORDERS, MAIN))
        self.door.venue.later = asyncio.get_running_loop().call_soon
        self.door.venue.keep = self._keep

    def _keep(self) -> None:
        self.heard.append(len(self.listener.outbox))
        self.door.venue.engine.settle()


async def test_orders_of_one_turn_are_written_down_together_before_anybody_hears() -> None:
    shelf = Shelf()
    answers = await asyncio.gather(*(shelf.door.rest_limit(cliOrdId=f"c{number}") for number in range(5)))
    assert [answer["status"] for answer in answers] == ["placed"] * 5
    assert shelf.heard == [0]
    assert len(shelf.listener.outbox) == 5


async def test_an_answer_waits_until_it_is_written_down() -> None:
    shelf = Shelf()
    at_the_end: list[object] = []
    shelf.door.venue.later = at_the_end.append
    asking = asyncio.create_task(shelf.door.rest_limit())
    reading = asyncio.create_task(shelf.door.get(f"{D}/openorders"))
    for _ in range(50):
        await asyncio.sleep(0)
    assert not asking.done()
    assert not reading.done()
    assert len(at_the_end) == 1
    assert not shelf.listener.outbox
    shelf.door.venue.flush()
    assert (await asking)["status"] == "placed"
    assert len((await reading).body["openOrders"]) == 1
    assert len(shelf.listener.outbox) == 1


async def test_a_batch_is_written_down_once() -> None:
    shelf = Shelf()
    row = '{"order":"send","orderType":"lmt","symbol":"PF_XBTUSD","side":"buy","size":0.1,"limitPrice":60000}'
    body = f'json={{"batchOrder":[{",".join([row] * 20)}]}}'.encode()
    answer = await shelf.door.signed("POST", f"{D}/batchorder", body=body)
    assert {status["status"] for status in answer.body["batchStatus"]} == {"placed"}
    assert shelf.heard == [0]


async def test_a_tick_does_not_overtake_what_is_still_to_be_told() -> None:
    shelf = Shelf()
    shelf.door.venue.later = lambda _flush: None
    asking = asyncio.create_task(shelf.door.rest_limit())
    for _ in range(50):
        await asyncio.sleep(0)
    shelf.door.venue.tick()
    assert (await asking)["status"] == "placed"
    assert shelf.heard == [0]
