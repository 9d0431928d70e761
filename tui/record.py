"""Where recordings go and what is said about them; and ``kftui record``, a recording without a screen.

Invariant: a recording is never made over another file, and whoever makes one is told what is in it.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tui.client.derivatives.recorder import Recorder
from tui.model.errors import DeskError
from tui.paths import Paths
from tui.runtime import open_runtime, wall_ms
from tui.settings import Settings
from tui.target import Target
from tui.version import program_version
from tui.wire.recording import Header

LIMIT_MB: Final = 1_000
KEPT: Final = 10
SUFFIX: Final = ".kftui.gz"
CONTENTS: Final = (
    "It holds orders, fills, positions and balances. It holds no keys, no signatures and no name of the account"
)


def open_recorder(path: Path, target: Target, contract: str, limit_mb: int = LIMIT_MB) -> Recorder:
    """Begin a recording of ``target``. Raises ``DeskError`` if the file is there already or cannot be made."""
    header = Header(
        program=program_version(),
        venue=target.where.base,
        environment=target.where.environment,
        started_ms=wall_ms(),
        contracts=(contract,),
    )
    return Recorder.open(
        path,
        header,
        clock=wall_ms,
        secrets=(target.credentials.api_key,),
        limit_bytes=limit_mb * 1_000_000,
    )


def fresh_name(target: Target) -> str:
    """``paper-20261122-211500.kftui.gz``; accounts are not named."""
    return f"{target.where.environment}-{datetime.now(UTC):%Y%m%d-%H%M%S}{SUFFIX}"


def next_kept(paths: Paths, target: Target) -> Path:
    """A name in the folder of the desk's own recordings, where only the newest are kept. Raises ``DeskError``."""
    folder = paths.recordings
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = sorted(folder.glob(f"*{SUFFIX}"), key=lambda file: file.stat().st_mtime)
        for old in kept[: max(0, len(kept) - KEPT + 1)]:
            old.unlink(missing_ok=True)
    except OSError as error:
        raise DeskError(f"The folder of recordings cannot be used: {error}", "Set desk.record to false") from None
    return folder / fresh_name(target)


async def record(
    target: Target, settings: Settings, *, file: Path | None, for_ms: int | None, contract: str | None, limit_mb: int
) -> int:
    """Watch the account until SIGINT or SIGTERM, the end of ``for_ms`` or of the file's bound. The name of the file
    goes to stdout, words to stderr.
    """
    path = file or Path(fresh_name(target))
    contract = contract or settings.desk.focus
    began_ms = wall_ms()
    recorder = open_recorder(path, target, contract, limit_mb)
    async with recorder, open_runtime(target, settings, recorder=recorder) as runtime:
        runtime.watch(contract)
        with _told_to_end() as told:
            _say(f"Recording {target.where.environment.upper()} {target.where.base} with {contract}; ctrl+c ends it")
            await _until(told, recorder, for_ms)
    length_s = (wall_ms() - began_ms) // 1000
    _say(f"Recorded {length_s} s, {recorder.written:,} bytes ({recorder.ending}). {CONTENTS}")
    sys.stdout.write(f"{path}\n")
    return 0


@contextmanager
def _told_to_end() -> Iterator[asyncio.Event]:
    """Set by SIGINT or SIGTERM. On Windows ctrl+c ends the program at once, and the file is whole."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    for one in signals:
        with suppress(NotImplementedError):
            loop.add_signal_handler(one, told.set)
    try:
        yield told
    finally:
        for one in signals:
            with suppress(NotImplementedError):
                loop.remove_signal_handler(one)


async def _until(told: asyncio.Event, recorder: Recorder, for_ms: int | None) -> None:
    waits = [asyncio.create_task(told.wait()), asyncio.create_task(recorder.wait_ended())]
    await asyncio.wait(waits, timeout=None if for_ms is None else for_ms / 1000, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()


def _say(text: str) -> None:
    sys.stderr.write(f"kftui: {text}\n")
