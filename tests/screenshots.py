"""Pictures of the product, drawn by the tests so that they cannot drift from it.

A picture is an SVG of the terminal; beside it stands a PNG made from that SVG, which carries the SVG's hash, so that
the one cannot be changed without the other.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import re
import struct
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from textual.app import App
from textual.widgets import Input

FOLDER = Path(__file__).parent.parent / "screenshots"
HASH_KEY = b"svg-sha256"
FONT = "DejaVu Sans Mono"
FONT_FILES = ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf")
PNG_COLOURS = 96
SIZES = ((80, 24), (120, 36), (200, 50))
ONE_SIZE = ((120, 36),)


class Shot(NamedTuple):
    """``make`` builds the app, ``keys`` lead to the moment of the picture."""

    name: str
    make: Callable[[], App[Any]]
    keys: Sequence[str] = ()
    sizes: Sequence[tuple[int, int]] = SIZES

    def svg_path(self, size: tuple[int, int]) -> Path:
        return FOLDER / f"{self.name}-{size[0]}x{size[1]}.svg"


async def draw(shot: Shot, size: tuple[int, int]) -> str:
    """The SVG of a shot at a size in cells, the same bytes on every machine."""
    app = shot.make()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press(*shot.keys)
        await pilot.pause()
        for entry in app.screen.query(Input):
            entry.cursor_blink = False  # which would show the cursor on a fast machine and not on a slow one
        await pilot.pause()
        return _normalised(app.export_screenshot(title="kftui", simplify=True))


def _normalised(svg: str) -> str:
    """Without what changes from run to run (ids made of hashes) or needs a network (web fonts)."""
    svg = re.sub(r"terminal-\d+", "kftui", svg)
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", f"'{FONT}', Menlo, Consolas, monospace")
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def save(svg: str, path: Path) -> None:
    """Write the SVG and its PNG. Needs a font and an image library: ``pip install -e '.[pictures]'`` brings both."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(svg, encoding="utf-8")
    path.with_suffix(".png").write_bytes(_with_hash(_small(_rasterised(svg)), _digest(path)))


def png_hash(path: Path) -> str:
    """The SVG hash that a PNG carries; empty when it carries none."""
    found = re.search(HASH_KEY + rb"\0([0-9a-f]{64})", path.read_bytes())
    return found[1].decode() if found else ""


def svg_hash(path: Path) -> str:
    return _digest(path).decode()


def _digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).hexdigest().encode()


def _rasterised(svg: str) -> bytes:
    import resvg_py  # noqa: PLC0415 - needed only where pictures are made

    spec = importlib.util.find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise RuntimeError("pictures need a font: pip install -e '.[pictures]'")
    fonts = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            skip_system_fonts=True,
            font_files=[str(fonts / name) for name in FONT_FILES],
            font_family=FONT,
            monospace_family=FONT,
            sans_serif_family=FONT,
        )
    )


def _small(png: bytes) -> bytes:
    """The picture with few colours: a third of the bytes and no visible difference."""
    from PIL import Image  # noqa: PLC0415 - needed only where pictures are made

    out = io.BytesIO()
    picture = Image.open(io.BytesIO(png))
    picture.quantize(PNG_COLOURS, method=Image.Quantize.FASTOCTREE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _with_hash(png: bytes, digest: bytes) -> bytes:
    """``png`` with a text chunk before its end chunk (12 bytes)."""
    body = b"tEXt" + HASH_KEY + b"\0" + digest
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:-12] + chunk + png[-12:]
