from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.scenes import EMPTY, RICH
from tests.scenes_account import ORDERS
from tests.widgets.hosts import PanelApp, screen_text
from tui.model.market import Candle
from tui.widgets.chart import BODY, GLYPHS, NOTHING, Chart, Scale, _column

D = Decimal
prices = st.integers(100, 900)


@given(prices, prices, prices, prices, st.integers(1, 30))
def test_a_candle_is_drawn_from_its_high_to_its_low_and_nowhere_else(a: int, b: int, c: int, d: int, rows: int) -> None:
    low, one, other, high = sorted((a, b, c, d))
    candle = Candle(0, D(one), D(high), D(low), D(other), D(1))
    scale = Scale(D(1000), D(0), rows)
    glyphs, _ = _column(candle, scale)
    kinds = {glyph: halves for halves, glyph in GLYPHS.items()}
    halves = [half for glyph in glyphs for half in kinds[glyph]]
    drawn = [place for place, half in enumerate(halves) if half != NOTHING]
    assert drawn == list(range(scale.half(D(high)), scale.half(D(low)) + 1))
    assert BODY in halves


def test_prices_outside_the_scale_have_no_row() -> None:
    scale = Scale(D(200), D(100), 10)
    assert [scale.row(D(price)) for price in (201, 200, 100, 99)] == [None, 0, 9, None]
    assert scale.row(scale.price(4)) == 4


def test_a_market_that_stands_still_is_still_drawn() -> None:
    assert Scale(D(5), D(5), 4).row(D(5)) == 0


async def test_last_price_and_our_orders_stand_on_the_axis() -> None:
    async with PanelApp(Chart(), EMPTY).run_test(size=(100, 60)) as pilot:
        plain = screen_text(pilot.app)
    order = replace(ORDERS[0], limit_price=D("87900"))
    view = replace(RICH, state=replace(RICH.state, orders=(order,)))
    async with PanelApp(Chart(), view).run_test(size=(100, 60)) as pilot:
        ours = screen_text(pilot.app)
    assert any("◂ 87,959" in row for row in plain)
    assert not any("╌" in row for row in plain)
    assert any("╌" in row and "87,900" in row for row in ours)
    assert "1m" in ours[0]
