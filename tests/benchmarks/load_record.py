"""What a client knows of its own orders, and how it compares with what the exchange says afterwards.

Invariant: only answers that arrived count as known. A question without an answer may have happened or not, and either
is right; anything else the exchange must have exactly as it was acknowledged, once.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.benchmarks.load_wire import Caller
from tui.exchange.account import KEPT_FILLS

ZERO = Decimal(0)
_D = "/derivatives/api/v3"
_H = "/api/history/v3"


@dataclass
class Known:
    """One acknowledged order. ``prices``: every limit price it may have now (several while edits are unanswered)."""

    order_id: str
    symbol: str
    side: str
    size: Decimal
    prices: set[str]
    rests: bool
    cancelled: bool = False
    doubted: bool = False
    """A cancel of it went unanswered."""


@dataclass
class Record:
    """``executions``: id -> size of the fills that answers told. ``unanswered``: client ids of sends in doubt."""

    orders: dict[str, Known] = field(default_factory=dict)
    executions: dict[str, Decimal] = field(default_factory=dict)
    unanswered: set[str] = field(default_factory=set)
    doubled: list[str] = field(default_factory=list)

    def placed(self, status: Mapping[str, Any], known: Known) -> None:
        """``status``: the ``sendStatus`` or batch row that acknowledged ``known``."""
        if known.order_id in self.orders:
            self.doubled.append(known.order_id)
        self.orders[known.order_id] = known
        self.executed(status)

    def executed(self, status: Mapping[str, Any]) -> None:
        for event in status["orderEvents"]:
            if event["type"] == "EXECUTION":
                if event["executionId"] in self.executions:
                    self.doubled.append(event["executionId"])
                self.executions[event["executionId"]] = Decimal(str(event["amount"]))


@dataclass
class Truth:
    """What the exchange says of one account. ``fills``: rows of the history's executions, oldest last."""

    open_orders: list[dict[str, Any]]
    fills: list[dict[str, Any]]
    positions: dict[str, Decimal]


async def ask_truth(caller: Caller) -> Truth:
    """Over REST, with every page of the history."""
    orders = (await caller.get(f"{_D}/openorders")).json()["openOrders"]
    rows = (await caller.get(f"{_D}/openpositions")).json()["openPositions"]
    sign = {"long": 1, "short": -1}
    positions = {row["symbol"]: Decimal(str(row["size"])) * sign[row["side"]] for row in rows}
    fills: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        page = (await caller.get(f"{_H}/executions", **token)).json()
        fills += [row["event"]["Execution"]["execution"] for row in page["elements"]]
        if "continuationToken" not in page:
            return Truth(orders, fills, positions)
        token = {"continuation_token": page["continuationToken"]}


def differences(record: Record, truth: Truth) -> Iterator[str]:
    """Every way in which the exchange contradicts the record or itself; nothing if all is well."""
    yield from (f"{name} was given twice" for name in record.doubled)
    yield from _twice("open order", [row["order_id"] for row in truth.open_orders])
    yield from _twice("fill", [fill["uid"] for fill in truth.fills])
    if len(truth.fills) >= KEPT_FILLS:
        yield f"the history is full ({KEPT_FILLS} fills): older ones cannot be compared"
    filled = _filled(truth)
    yield from _open_orders(record, truth, filled)
    yield from _ended_orders(record, truth, filled)
    yield from _fills(record, truth)
    yield from _positions(truth)


def _twice(what: str, names: list[str]) -> Iterator[str]:
    yield from (f"{what} {name} is there {count} times" for name, count in Counter(names).items() if count > 1)


def _filled(truth: Truth) -> dict[str, Decimal]:
    filled: dict[str, Decimal] = {}
    for fill in truth.fills:
        name = fill["order"]["uid"]
        filled[name] = filled.get(name, ZERO) + Decimal(fill["quantity"])
    return filled


def _open_orders(record: Record, truth: Truth, filled: Mapping[str, Decimal]) -> Iterator[str]:
    for row in truth.open_orders:
        name, known = row["order_id"], record.orders.get(row["order_id"])
        if Decimal(str(row["filledSize"])) != filled.get(name, ZERO):
            yield f"open order {name} says it filled {row['filledSize']}, its fills say {filled.get(name, ZERO)}"
        if known is None:
            if row.get("cliOrdId") not in record.unanswered:
                yield f"open order {name} was never acknowledged nor in doubt"
        elif known.cancelled:
            yield f"order {name} is open although its cancel was acknowledged"
        elif Decimal(str(row["filledSize"])) + Decimal(str(row["unfilledSize"])) != known.size:
            yield f"open order {name} has another size than acknowledged"
        elif Decimal(str(row["limitPrice"])) not in {Decimal(price) for price in known.prices}:
            yield f"open order {name} stands at {row['limitPrice']}, acknowledged were {known.prices}"


def _ended_orders(record: Record, truth: Truth, filled: Mapping[str, Decimal]) -> Iterator[str]:
    standing = {row["order_id"] for row in truth.open_orders}
    for name, known in record.orders.items():
        total = filled.get(name, ZERO)
        if total > known.size:
            yield f"order {name} of {known.size} filled {total}"
        is_over = known.cancelled or known.doubted or not known.rests or name in standing
        if not is_over and total != known.size:
            yield f"order {name} was acknowledged and has vanished ({total} of {known.size} filled)"


def _fills(record: Record, truth: Truth) -> Iterator[str]:
    amounts = {fill["uid"]: Decimal(fill["quantity"]) for fill in truth.fills}
    for name, amount in record.executions.items():
        if amounts.get(name) != amount:
            yield f"fill {name} of {amount} was acknowledged, the exchange has {amounts.get(name)}"
    for fill in truth.fills:
        order = fill["order"]
        if order["uid"] not in record.orders and order["clientId"] not in record.unanswered:
            yield f"fill {fill['uid']} is of order {order['uid']}, which was never acknowledged nor in doubt"


def _positions(truth: Truth) -> Iterator[str]:
    sums: dict[str, Decimal] = {}
    for fill in truth.fills:
        order = fill["order"]
        signed = Decimal(fill["quantity"]) * (1 if order["direction"] == "Buy" else -1)
        sums[order["tradeable"]] = sums.get(order["tradeable"], ZERO) + signed
    for symbol in sums.keys() | truth.positions.keys():
        if sums.get(symbol, ZERO) != truth.positions.get(symbol, ZERO):
            yield f"{symbol}: position {truth.positions.get(symbol, ZERO)}, sum of fills {sums.get(symbol, ZERO)}"
