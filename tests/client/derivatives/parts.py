"""What the client's tests share: keys, a venue that answers from a table, a clock that only tests move."""

from __future__ import annotations

import base64
import random
from urllib.parse import parse_qs

import httpx

from tui.client.credentials import credentials
from tui.client.derivatives.client import KrakenFuturesClient
from tui.client.derivatives.clock import Clock
from tui.client.derivatives.rest import Rest
from tui.client.derivatives.transport import Lane, Transport

KEYS = credentials("canary-key", base64.b64encode(bytes(range(64))).decode())
BASE = "http://127.0.0.1:8750"
NOW_MS = 1_790_000_000_000
TIME = '"serverTime":"2026-01-02T03:04:06.000Z"'
SERVER_MS = 1_767_323_046_000


class Time:
    """``now_ms`` moves only when somebody sleeps or sets it."""

    def __init__(self, now_ms: int = NOW_MS) -> None:
        self.now_ms = now_ms
        self.slept: list[float] = []

    @property
    def clock(self) -> Clock:
        return Clock(wall_ns=lambda: self.now_ms * 1_000_000, steady_ms=lambda: self.now_ms, sleep=self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_ms += int(seconds * 1000) + 1


class FakeVenue:
    """Answers from ``answers`` in turn (the last one for ever) and keeps what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.lanes: list[Lane] = []

    def _answer(self, lane: Lane, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        self.lanes.append(lane)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    @property
    def transport(self) -> Transport:
        def lane(which: Lane) -> httpx.AsyncBaseTransport:
            return httpx.MockTransport(lambda request: self._answer(which, request))

        return Transport(BASE, {which: lane(which) for which in Lane})

    def rest(self, time: Time | None = None) -> Rest:
        clock = (time or Time()).clock
        return Rest(self.transport, KEYS, clock, random.Random(1))


def said(body: str, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, text=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


def ok(payload: str) -> httpx.Response:
    """A success of the trading API with one payload key."""
    return said(f'{{"result":"success",{payload},{TIME}}}')


def client(venue: FakeVenue) -> KrakenFuturesClient:
    return KrakenFuturesClient(BASE, KEYS, clock=Time().clock, transport=venue.transport)


def form(request: httpx.Request) -> dict[str, str]:
    """The fields of a form body."""
    return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
