"""Frames of an upstream, as bytes."""

import json
from typing import Any

PF = "PF_XBTUSD"
Rows = list[tuple[float, float]]


def snapshot(seq: int, bids: Rows, asks: Rows, symbol: str = PF) -> bytes:
    sides = {name: [{"price": p, "qty": q} for p, q in rows] for name, rows in (("bids", bids), ("asks", asks))}
    return _frame(feed="book_snapshot", product_id=symbol, timestamp=1, seq=seq, tickSize=None, **sides)


def delta(seq: int, side: str, price: float, qty: float, symbol: str = PF) -> bytes:
    return _frame(feed="book", product_id=symbol, side=side, seq=seq, price=price, qty=qty, timestamp=1)


def trade(side: str, price: float, qty: float, seq: int = 1, *, kind: str = "fill") -> bytes:
    return _frame(**_trade(side, price, qty, seq, PF) | {"type": kind})


def trade_snapshot(rows: list[tuple[str, float, float, int]], symbol: str = PF) -> bytes:
    """``(side, price, size, seq)``, newest first."""
    return _frame(feed="trade_snapshot", product_id=symbol, trades=[_trade(*row, symbol) for row in rows])


def _trade(side: str, price: float, qty: float, seq: int, symbol: str) -> dict[str, Any]:
    head = {"feed": "trade", "product_id": symbol, "uid": f"u{seq}", "side": side, "type": "fill"}
    return {**head, "seq": seq, "time": 1, "qty": qty, "price": price}


def ticker(symbol: str = PF, **fields: Any) -> bytes:
    row = {"index": 88_000.5, "markPrice": 88_001.25, "bid": 88_000, "ask": 88_001, "last": 88_000, "time": 1}
    return _frame(feed="ticker", product_id=symbol, **(row | fields))


def heartbeat() -> bytes:
    return _frame(feed="heartbeat", time=1)


def alert(message: str) -> bytes:
    return _frame(event="alert", message=message)


def _frame(**fields: Any) -> bytes:
    return json.dumps(fields).encode()
