"""Any size of the terminal, at any moment: nothing breaks, and no number is ever shown in part."""

from __future__ import annotations

import random
import re
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scenes import DOWN, RICH, SCREENS, SceneApp
from tests.scenes_modals import KEYS, app_on
from tui.model.view import View
from tui.screens.strip import Strip
from tui.widgets.flow import shortened
from tui.widgets.ink import Ink
from tui.widgets.panel import Panel

NUMBER = re.compile(r"[+-]?\d[\d.,:]*")
SIZES_EACH = 5


def whole(panel: Panel) -> None:
    """Every number in the panel's rows on the screen stands in the row as it was meant."""
    for y, line in enumerate(panel._lines):
        meant = NUMBER.findall("".join(text for text, _ in line.spans))
        shown = NUMBER.findall(panel._strip(y).text)
        assert shown == meant[: len(shown)], f"{type(panel).__name__} {panel._width} wide: {panel._strip(y).text!r}"


@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.parametrize("view", [RICH, DOWN], ids=["full", "down"])
async def test_no_size_breaks_a_screen_or_cuts_a_number(name: str, view: View) -> None:
    dice = random.Random(f"{name}{view.state.link.status}")
    app = SceneApp(SCREENS[name], view)
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(SIZES_EACH):
            await pilot.resize_terminal(dice.randint(20, 250), dice.randint(5, 70))
            await pilot.pause()
            for panel in app.screen.query(Panel):
                if panel.display and panel.region:
                    whole(panel)


@pytest.mark.parametrize("name", ["strip-buy", "ticket", "command", "help", "palette", "ladder-move", "leverage"])
async def test_no_size_breaks_a_dialog(name: str) -> None:
    dice = random.Random(name)
    state, refuses, keys = KEYS[name]
    app = app_on(state, refuses=refuses)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*keys)
        for _ in range(3):
            await pilot.resize_terminal(dice.randint(20, 250), dice.randint(5, 70))
            await pilot.pause()
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        if isinstance(app.screen, Strip):
            assert app.screen.content.lines[0].plain in "\n".join(
                strip.text for strip in app.screen._compositor.render_strips()
            )


@given(st.lists(st.text("ab 0189.,+-", max_size=8), max_size=6), st.integers(0, 30))
def test_what_is_shortened_fits_and_ends_in_no_part_of_a_number(texts: list[str], width: int) -> None:
    spans = [(text, Ink.TEXT) for text in texts]
    text = "".join(texts)
    short = "".join(text for text, _ in shortened(spans, width))
    assert len(short) <= width
    if short:
        assert short[-1] == "…"
        assert text.startswith(short[:-1])
        parts = partial(re.findall, r"[0-9.,+-]+")
        assert parts(short[:-1]) == parts(text)[: len(parts(short[:-1]))]
