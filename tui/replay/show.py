"""``kftui replay``: opens a recording and shows the desk from it, or prints what the desk knew at the end."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from msgspec.structs import replace

from tui.model.errors import DeskError
from tui.paths import find_paths
from tui.replay.desk import ReplayDesk
from tui.replay.player import Player
from tui.report import report_line
from tui.settings import Settings, load_settings
from tui.wire.recording import Recording, RecordingError


def open_recording(path: Path) -> Recording:
    """Raises ``DeskError`` for a file that is no recording."""
    try:
        return Recording(path)
    except RecordingError as error:
        raise DeskError(str(error), "kftui record makes one") from None


def run(path: Path, settings_file: Path | None, *, speed: float, from_ms: int, as_json: bool) -> int:
    """The command. Returns its exit code; raises ``DeskError`` for what can be said in words."""
    if as_json:
        print_end(path, from_ms)
        return 0
    paths = find_paths()
    settings = load_settings(settings_file or paths.settings, required=settings_file is not None)
    show(path, settings, speed=speed, from_ms=from_ms)
    return 0


def print_end(path: Path, from_ms: int) -> None:
    """The merged state where the recording ends, or after ``from_ms`` of it (0: the end), as one line of JSON."""
    with Player(open_recording(path)) as player:
        player.play_to(from_ms or player.index.length_ms)
        sys.stdout.buffer.write(report_line(player.runtime.state, player.now_ms()) + b"\n")
        sys.stdout.flush()


def show(path: Path, settings: Settings, *, speed: float, from_ms: int) -> None:
    """The desk on a terminal, until it is left."""
    from tui.app import refuse_nonsense  # noqa: PLC0415 -- the screens are only needed here
    from tui.replay.app import ReplayApp  # noqa: PLC0415

    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):  # Textual draws on stderr
        raise DeskError("The desk needs a terminal", "For programs there is kftui replay --json")
    refuse_nonsense(settings)
    recording = open_recording(path)
    focus = next(iter(recording.header.contracts), settings.desk.focus)
    settings = replace(settings, desk=replace(settings.desk, focus=focus, mode="confirm"))
    sys.stderr.write(f"kftui: reading {path}\n")  # looks through all of it: an hour of a busy venue takes seconds
    with Player(recording) as player:
        player.play_to(from_ms)
        desk = ReplayDesk(player, of=recording.header.environment, speed=speed)
        app = ReplayApp(desk, settings)
        asyncio.run(app.run_async())
        if app.failure is not None:
            raise app.failure
