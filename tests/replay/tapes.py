"""Recordings made by hand: what a venue said, row by row."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.client.derivatives import wires
from tui.service import acted
from tui.wire.recording import Answered, Asked, Frame, Header, Note, Opened, Pulse, Recording, Row, Writer

T0 = 1_790_000_000_000
CHALLENGE = '{"event":"challenge","message":"redacted"}'
API = "/derivatives/api/v3"
OK = '{"result":"success",%s,"serverTime":"2026-09-21T14:13:20.000Z"}'
TICKER = (
    '{"symbol":"PF_XBTUSD","last":80000,"markPrice":80000,"bid":79999,"ask":80001,"bidSize":1,"askSize":1,'
    '"vol24h":1,"openInterest":1,"open24h":1,"indexPrice":80000,"suspended":false,"pair":"XBT:USD"}'
)
ANSWERS = {
    "openorders": OK % '"openOrders":[]',
    "openpositions": OK % '"openPositions":[]',
    "fills": OK % '"fills":[]',
    "accounts": OK % '"accounts":{}',
    "tickers": OK % f'"tickers":[{TICKER}]',
    "tickers/PF_XBTUSD": OK % f'"ticker":{TICKER}',
    "leveragepreferences": OK % '"leveragePreferences":[]',
    "instruments": OK % '"instruments":[]',
    "instruments/status": OK % '"instrumentStatus":[]',
}


class Tape:
    """Rows in the making; times in milliseconds after the start."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._number = 0

    def act(self, at_ms: int, act: acted.Act) -> None:
        self.rows.append(Note(T0 + at_ms, acted.NOTE, acted.to_text(act)))

    def call(self, at_ms: int, name: str, body: str | None = None, *, took_ms: int = 5, **asked: str | None) -> None:
        """A request and its answer; the answer may come after rows that are added later."""
        self._number += 1
        method = "POST" if "form" in asked else "GET"
        path = name if name.startswith("/") else f"{API}/{name}"
        self.rows.append(Asked(T0 + at_ms, self._number, method, path, asked.get("query") or "", asked.get("form")))
        told = body if body is not None else ANSWERS[name]
        self.rows.append(Answered(T0 + at_ms + took_ms, self._number, 200, {}, told))

    def frame(self, at_ms: int, text: str) -> None:
        self.rows.append(Frame(T0 + at_ms, "in", text))

    def connection(self, at_ms: int) -> None:
        self.rows.append(Opened(T0 + at_ms))
        for number, text in enumerate((CHALLENGE, *wires.PRIVATE_FIRST), 1):
            self.frame(at_ms + number, text)
        self.rows.append(Pulse(T0 + at_ms + 9, 42))

    def refresh(self, at_ms: int, **bodies: str) -> None:
        for name in ("openorders", "openpositions", "accounts", "fills", "tickers"):
            self.call(at_ms, name, bodies.get(name))

    def row(self, row: Row) -> None:
        self.rows.append(row)

    def write(self, path: Path, ending: str | None = "stopped") -> Recording:
        rows: Iterable[Row] = sorted(self.rows, key=lambda row: row.at_ms)
        header = Header(
            program="0", venue="http://127.0.0.1:1", environment="paper", started_ms=T0, contracts=("PF_XBTUSD",)
        )
        with path.open("wb", buffering=0) as file:
            writer = Writer(file, header, 1 << 30)
            last_ms = T0
            for row in rows:
                writer.write(row)
                last_ms = row.at_ms
            writer.flush()
            if ending is not None:
                writer.close(last_ms, ending)
        return Recording(path)


def quiet_day(path: Path, ending: str | None = "stopped") -> Recording:
    """Half a minute in which the desk starts, becomes live, and nothing else happens."""
    tape = Tape()
    tape.act(0, acted.Began(refresh_s=10.0, lasting=False))
    tape.act(1, acted.Watched("PF_XBTUSD"))
    tape.call(2, "/api/auth/v1/api-keys/v3/check", '{"permissions":{"general":"FULL_ACCESS","transfer":"NO_ACCESS"}}')
    for name in ("tickers/PF_XBTUSD", "leveragepreferences", "instruments"):
        tape.call(3, name)
    tape.call(700, "fills")
    for _ in range(2):
        tape.call(3, "/api/charts/v1/trade/PF_XBTUSD/1m", '{"candles":[],"more_candles":false}', query="from=1")
    tape.call(10, "instruments/status")
    tape.connection(20)
    tape.refresh(40)
    tape.call(550, "orders/status", OK % '"orders":[]', form="orderIds=o-1&orderIds=o-2")
    tape.refresh(600)
    for at_ms in (11_900, 22_900):
        tape.refresh(at_ms)
    tape.row(Pulse(T0 + 20_040, 7))
    for second in range(1, 30):
        tape.frame(second * 1_000, wires.TICKER)
    return tape.write(path, ending)
