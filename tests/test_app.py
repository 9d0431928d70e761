from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from decimal import Decimal

import pytest
from msgspec.structs import replace
from textual import events
from textual.pilot import Pilot

from tests.scenes import EMPTY, LIVE, RICH
from tests.screens.fake_desk import FLAT_STATE, LOST, REFUSED, SENT, FakeDesk, StubScreen
from tui import app as app_module
from tui.app import TradingApp
from tui.model.enums import Side
from tui.model.order import OrderRequest
from tui.screens.strip import Strip
from tui.settings import Settings


@pytest.fixture(autouse=True)
def stub_screens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_module, "SCREENS", dict.fromkeys(app_module.SCREENS, (__name__, "StubScreen")))
    monkeypatch.setattr(app_module, "MOVE_WINDOW_S", 0.005)


def toasts(app: TradingApp) -> list[str]:
    return [toast.message for toast in app._notifications]


def stub(app: TradingApp) -> StubScreen:
    screen = app.screen_stack[0]
    assert isinstance(screen, StubScreen)
    return screen


async def test_b_enter_joins_the_bid_with_the_clip() -> None:
    desk = FakeDesk()
    app = TradingApp(desk, Settings(clips={"PF_XBTUSD": (Decimal("0.1"),)}))
    async with app.run_test() as pilot:
        await pilot.press("b", "enter")
        await pilot.pause()
        (request,) = desk.sent
        assert isinstance(request, OrderRequest)
        assert (request.side, request.size, request.limit_price) == (Side.BUY, Decimal("0.1"), Decimal(87_959))
        assert toasts(app) == ["BUY 0.1000 PF_XBTUSD @ 87,959: working"]
