from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.scenes import DOWN, RICH
from tests.scenes_market import NOW_MS
from tui.model.state import Age, Link, LinkStatus, Slice
from tui.widgets.freshness import STALE_AFTER_MS, freshness


def test_both_sources_are_named() -> None:
    fresh = freshness(RICH.state, NOW_MS, Slice.POSITIONS)
    assert (fresh.stale, fresh.text, fresh.short) == (False, "ws 212 ms · rest 3 s", "212 ms")


@pytest.mark.parametrize("status", [LinkStatus.DOWN, LinkStatus.STALE, LinkStatus.CONNECTING])
def test_without_a_live_link_nothing_is_fresh(status: LinkStatus) -> None:
    state = replace(RICH.state, link=Link(status))
    assert all(freshness(state, NOW_MS, part).stale for part in Slice)


@pytest.mark.parametrize("part", list(Slice))
def test_a_live_link_over_a_dead_feed_is_stale_one_millisecond_after_its_time(part: Slice) -> None:
    state = replace(RICH.state, ages={part: Age(None, NOW_MS)})
    assert not freshness(state, NOW_MS + STALE_AFTER_MS[part], part).stale
    assert freshness(state, NOW_MS + STALE_AFTER_MS[part] + 1, part).stale


def test_staleness_says_its_age() -> None:
    assert freshness(DOWN.state, NOW_MS, Slice.MARGIN).text == "stale 12 s"
    assert freshness(replace(DOWN.state, ages={}), NOW_MS, Slice.MARGIN).text == "no data yet"
