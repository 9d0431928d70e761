"""One account under load: a mix of sends, edits, cancels and batches, and the record of what was answered.

Orders rest between half and two percent off the market, takers cross it in tiny sizes of either side, so that margin
never refuses. Invariant: the record changes only by answers; what got none is marked as in doubt.
"""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from tests.benchmarks.load_record import Known, Record
from tests.benchmarks.load_wire import Answer, Caller, NoAnswerError

_D: Final = "/derivatives/api/v3"
_MOST_OPEN: Final = 24
_LONGEST_SLEEP_S: Final = 0.5
_MIX: Final = (("rest", 45), ("cancel", 22), ("edit", 13), ("cross", 12), ("batch", 8))


def instructions_per_call(batch: int) -> float:
    """On the average, with batches of ``batch``."""
    weights = dict(_MIX)
    return sum(weight * (batch if kind == "batch" else 1) for kind, weight in weights.items()) / sum(weights.values())


@dataclass
class Quote:
    """One contract as traders see it."""

    symbol: str
    tick: Decimal
    lot: Decimal
    price: Decimal

    def near(self, share: float) -> str:
        """A price on the grid, ``share`` (signed) off the market."""
        ticks = int(self.price * Decimal(1 + share) / self.tick)
        return f"{max(ticks, 1) * self.tick:f}"


async def read_quotes(caller: Caller) -> list[Quote]:
    """The linear perpetuals, whose margin is dollars."""
    listed = (await caller.get(f"{_D}/instruments")).json()["instruments"]
    marks = {row["symbol"]: row for row in (await caller.get(f"{_D}/tickers")).json()["tickers"]}
    return [
        Quote(
            symbol=row["symbol"],
            tick=Decimal(str(row["tickSize"])),
            lot=Decimal(1).scaleb(-row["contractValueTradePrecision"]),
            price=Decimal(str(marks[row["symbol"]]["markPrice"])),
        )
        for row in listed
        if row["symbol"].startswith("PF_") and row["symbol"] in marks
    ]


@dataclass
class Tally:
    """What came of the calls. ``seconds`` by kind: answer's arrival less the moment the call was due."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    instructions: int = 0


class Trader:
    """Several may share a ``record`` and a ``tally``; ``name`` keeps their client ids apart. ``batch``: instructions of
    a batch, at least 2.
    """

    def __init__(
        self, caller: Caller, quote: Quote, name: str, *, record: Record, tally: Tally, batch: int = 3
    ) -> None:
        self._caller = caller
        self._quote = quote
        self._name = name
        self._record = record
        self._tally = tally
        self._batch_size = batch
        self._random = random.Random(name)
        self._count = 0
        self._mine: list[str] = []
        self._long = False
        self._acts = {
            "rest": self._rest,
            "cancel": self._cancel,
            "edit": self._edit,
            "cross": self._cross,
            "batch": self._batch,
        }

    async def run(self, period_s: float, stopped: Callable[[], bool], *, first_s: float = 0.0) -> None:
        """A call every ``period_s`` until told to stop; a late one makes none after it wait."""
        due = time.perf_counter() + first_s
        while not stopped():
            await asyncio.sleep(min(due - time.perf_counter(), _LONGEST_SLEEP_S))
            if due <= time.perf_counter():
                await self.act(due)
                due += period_s

    async def act(self, due: float) -> None:
        """One call; failures are counted, never raised."""
        kind = self._choose()
        try:
            await self._acts[kind]()
        except NoAnswerError:
            self._tally.errors["no answer"] += 1
        except OSError as error:
            self._tally.errors[f"no connection: {type(error).__name__}"] += 1
        else:
            self._tally.seconds.setdefault(kind, []).append(time.perf_counter() - due)

    def _choose(self) -> str:
        if len(self._mine) >= _MOST_OPEN:
            return "cancel"
        kind = self._random.choices([name for name, _ in _MIX], [weight for _, weight in _MIX])[0]
        return kind if self._mine or kind in {"rest", "cross"} else "rest"

    # --- the calls -----------------------------------------------------------------------------------------

    async def _rest(self) -> None:
        await self._send(self._resting())

    async def _cross(self) -> None:
        self._long = not self._long
        side = "buy" if self._long else "sell"
        order = {"orderType": "mkt", "side": side, "size": f"{self._quote.lot:f}"}
        await self._send(self._named(order))

    async def _send(self, order: dict[str, str]) -> None:
        client_id = order["cliOrdId"]
        self._record.unanswered.add(client_id)
        status = self._status(await self._asked(f"{_D}/sendorder", order), "sendStatus")
        self._record.unanswered.discard(client_id)
        self._note(status, order)

    async def _cancel(self) -> None:
        known = self._record.orders[self._mine.pop(self._random.randrange(len(self._mine)))]
        known.doubted = True
        status = self._status(await self._asked(f"{_D}/cancelorder", {"order_id": known.order_id}), "cancelStatus")
        known.doubted, known.cancelled = False, status["status"] == "cancelled"

    async def _edit(self) -> None:
        known = self._record.orders[self._random.choice(self._mine)]
        price = self._quote.near(self._away(known.side))
        known.prices.add(price)
        status = self._status(
            await self._asked(f"{_D}/editorder", {"orderId": known.order_id, "limitPrice": price}), "editStatus"
        )
        if status["status"] == "edited":
            known.prices = {price}
        else:
            known.prices.discard(price)

    async def _batch(self) -> None:
        """New orders and the end of as many old ones, or of one less, as there are."""
        leaving = [self._record.orders[name] for name in self._mine[: self._batch_size // 2]]
        del self._mine[: len(leaving)]
        orders = [self._resting() for _ in range(self._batch_size - len(leaving))]
        for known in leaving:
            known.doubted = True
        clients = {order["cliOrdId"] for order in orders}
        self._record.unanswered |= clients
        rows: list[dict[str, Any]] = [{"order": "send", "order_tag": str(n), **one} for n, one in enumerate(orders)]
        rows += [{"order": "cancel", "order_id": known.order_id} for known in leaving]
        answer = await self._asked(f"{_D}/batchorder", {"json": json.dumps({"batchOrder": rows})}, count=len(rows))
        statuses = answer.json()["batchStatus"]
        self._record.unanswered -= clients
        for status in statuses:
            self._tally.statuses[f"batch {status['status']}"] += 1
        for order, status in zip(orders, statuses, strict=False):
            self._note(status, order)
        for known, status in zip(leaving, statuses[len(orders) :], strict=True):
            known.doubted, known.cancelled = False, status["status"] == "cancelled"

    # --- parts of them -------------------------------------------------------------------------------------

    def _resting(self) -> dict[str, str]:
        side = self._random.choice(("buy", "sell"))
        kind = self._random.choice(("lmt", "post"))
        size = self._quote.lot * self._random.randint(1, 9)
        price = self._quote.near(self._away(side))
        return self._named({"orderType": kind, "side": side, "size": f"{size:f}", "limitPrice": price})

    def _away(self, side: str) -> float:
        share = self._random.uniform(0.005, 0.02)
        return -share if side == "buy" else share

    def _named(self, order: dict[str, str]) -> dict[str, str]:
        self._count += 1
        return {**order, "symbol": self._quote.symbol, "cliOrdId": f"{self._name}-{self._count}"}

    async def _asked(self, path: str, form: Mapping[str, object], *, count: int = 1) -> Answer:
        self._tally.instructions += count
        answer = await self._caller.post(path, form)
        if answer.status != 200:
            self._tally.errors[f"HTTP {answer.status}"] += 1
            raise NoAnswerError(f"HTTP {answer.status}")
        return answer

    def _status(self, answer: Answer, name: str) -> dict[str, Any]:
        content = answer.json()
        if name not in content:
            self._tally.errors[str(content.get("error", content))] += 1
            return {"status": "refused", "orderEvents": []}
        status: dict[str, Any] = content[name]
        self._tally.statuses[f"{name} {status['status']}"] += 1
        return status

    def _note(self, status: dict[str, Any], order: dict[str, str]) -> None:
        if status["status"] != "placed":
            return
        rests = order["orderType"] != "mkt"
        known = Known(
            order_id=status["order_id"],
            symbol=order["symbol"],
            side=order["side"],
            size=Decimal(order["size"]),
            prices={order["limitPrice"]} if rests else set(),
            rests=rests,
        )
        self._record.placed(status, known)
        if rests:
            self._mine.append(known.order_id)
