"""Every screen at every designed size looks as the picture in the repository shows it.

After a change that is meant to be seen: ``pytest tests/test_screenshots.py --update-screenshots``, then look at them.
"""

from __future__ import annotations

from functools import partial

import pytest

from tests.scenes import SHOTS
from tests.scenes_modals import KEYS, app_on
from tests.screenshots import FOLDER, SIZES, Shot, draw, png_hash, save, svg_hash

DIALOGS = [
    Shot(name, partial(app_on, state, refuses=refuses), keys, SIZES) for name, (state, refuses, keys) in KEYS.items()
]
ALL = (*SHOTS, *DIALOGS)
CASES = [pytest.param(shot, size, id=f"{shot.name}-{size[0]}x{size[1]}") for shot in ALL for size in shot.sizes]


@pytest.mark.parametrize(("shot", "size"), CASES)
async def test_the_screen_looks_as_in_its_picture(
    shot: Shot, size: tuple[int, int], request: pytest.FixtureRequest
) -> None:
    svg, path = await draw(shot, size), shot.svg_path(size)
    if request.config.getoption("--update-screenshots"):
        if not path.exists() or path.read_text(encoding="utf-8") != svg or png_hash(path.with_suffix(".png")) == "":
            save(svg, path)
        return
    assert path.exists(), "no picture yet: run with --update-screenshots and look at it"
    assert path.read_text(encoding="utf-8") == svg, "it looks different: run with --update-screenshots and look at it"


@pytest.mark.parametrize(("shot", "size"), CASES)
def test_the_png_was_made_from_the_svg_beside_it(shot: Shot, size: tuple[int, int]) -> None:
    path = shot.svg_path(size)
    assert png_hash(path.with_suffix(".png")) == svg_hash(path)


def test_there_is_no_picture_that_nothing_draws() -> None:
    drawn = {shot.svg_path(size).stem for shot in ALL for size in shot.sizes}
    assert {path.stem for path in FOLDER.iterdir() if path.suffix in (".svg", ".png")} <= drawn
