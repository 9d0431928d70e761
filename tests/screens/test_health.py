from __future__ import annotations

from msgspec.structs import replace

from tests.scenes import DOWN, RICH, SceneApp
from tests.widgets.hosts import screen_text
from tui.model.account import Notification
from tui.model.state import RateBudget
from tui.model.view import View
from tui.screens.health import HealthScreen


async def text(*views: View) -> str:
    app = SceneApp(HealthScreen, views[0])
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.pause()
        for view in views[1:]:
            app.screen.show(view)  # type: ignore[attr-defined]
        await pilot.pause()
        return "\n".join(screen_text(app))


async def test_each_source_is_judged_by_itself() -> None:
    shown = await text(RICH)
    for words in ("stream LIVE for 41:00", "round trip 2 ms", "clock skew -42 ms", "book PF_XBTUSD", "sendorder"):
        assert words in shown
    assert "no answer in 5 s (14:57:56)" in shown


async def test_both_sides_of_a_difference_are_shown() -> None:
    shown = await text(RICH)
    assert "0.7500" in shown
    assert "0.8300" in shown
    assert "now agree" in shown


async def test_a_lost_link_says_why_and_the_venues_wait_is_counted() -> None:
    shown = await text(DOWN)
    assert "the connection was closed (1006)" in shown
    assert "wait 8 s: apiLimitExceeded" in shown


async def test_the_rate_budget_leaves_a_trace() -> None:
    views = [
        replace(RICH, now_ms=RICH.now_ms + 1000 * step, state=replace(RICH.state, budget=RateBudget(available=left)))
        for step, left in enumerate((500, 250, 0))
    ]
    assert "█▅▁" in await text(*views)


async def test_the_venues_notices_are_shown_as_they_came() -> None:
    notice = Notification("maintenance", "high", "Maintenance \x1b[31mat 15:00", None)
    shown = await text(replace(RICH, state=replace(RICH.state, notifications=(notice,))))
    assert "notice Maintenance  [31mat 15:00" in shown


async def test_the_journals_end_is_shown() -> None:
    assert "kft-0007 no answer in 5 s: UNRESOLVED, asking" in await text(RICH)


async def test_the_keys_say_where_they_come_from() -> None:
    assert "keys from the environment" in await text(
        replace(RICH, state=replace(RICH.state, keys_from="the environment"))
    )
    assert "keys from" not in await text(RICH)
