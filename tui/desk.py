"""Opens the desk: chooses the account, checks what must hold before the first frame, and runs the app over it.

Invariant: the terminal belongs to the app only while everything below it is open; whatever ends it is said in words on
stderr afterwards. One desk on this machine trades on an account; the next one looks, unless it is told otherwise. The
own paper account is free to all of a user's desks.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import AsyncExitStack, nullcontext
from pathlib import Path

from msgspec import Struct

from tui.app import TradingApp, refuse_nonsense
from tui.check import run_checks
from tui.logs import open_log
from tui.model.errors import DeskError
from tui.model.state import AlarmKind
from tui.paper import PaperExchange
from tui.paths import Paths, find_paths
from tui.record import CONTENTS, next_kept, open_recorder
from tui.runtime import open_runtime, wall_ms
from tui.screens.habits import HabitsFile
from tui.service.programs.turnstile import only_trader
from tui.settings import Settings, load_settings
from tui.target import Target, find_target, paper_target

log = logging.getLogger(__name__)

TAKEN = "another desk on this machine trades on this account; close it and open this one again, or use --also-trade"


class Choice(Struct, frozen=True):
    """Which account, and what may be done there. ``also_trade``: even if another desk on this machine trades on it."""

    live: bool
    url: str | None
    profile: str | None
    view: bool
    also_trade: bool


def run(choice: Choice, settings_file: Path | None, record: Path | None) -> int:
    """The desk, until the trader quits. Returns the exit code: 0, or 1 if the screens broke, of which Textual has then
    told all; whatever else goes wrong is a ``DeskError``. ``record`` names a file that everything is written to.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):  # Textual draws on stderr
        raise DeskError("The desk needs a terminal", "For programs there is kftui watch")
    paths = find_paths()
    settings = load_settings(settings_file or paths.settings, required=settings_file is not None)
    refuse_nonsense(settings)
    try:
        paths.make()
    except OSError as error:
        raise DeskError(f"A folder of kftui cannot be made: {error}", "Set KFTUI_HOME to a folder you own") from None
    open_log(paths.log)
    code, recorded = asyncio.run(_open(paths, settings, choice, record))
    if recorded:
        sys.stderr.write(f"kftui: {recorded}\n")
    return code


async def _open(paths: Paths, settings: Settings, choice: Choice, record: Path | None) -> tuple[int, str]:
    """Returns the exit code and what is to be said afterwards."""
    async with AsyncExitStack() as stack:
        paper, seated = None, True
        if choice.live or choice.url is not None:
            target = find_target(paths, live=choice.live, url=choice.url, profile=choice.profile)
            if choice.live:
                await _insist(target)
            seated = stack.enter_context(only_trader(target.journal)) or choice.also_trade
        else:
            paper = await stack.enter_async_context(PaperExchange(paths, settings.paper))
            target = paper_target(paths, paper.url)
        file = record if record is not None or not settings.desk.record else next_kept(paths, target)
        recorder = open_recorder(file, target, settings.desk.focus) if file is not None else None
        await stack.enter_async_context(recorder or nullcontext())
        runtime = await stack.enter_async_context(
            open_runtime(target, settings, paper=paper, recorder=recorder, keeps_programs=seated)
        )
        if not seated:
            runtime.store.ledger.alarms.warning(AlarmKind.NOTICE, f"View only: {TAKEN}", wall_ms())
            runtime.store.forbid_trading(TAKEN)
        app = TradingApp(runtime, settings, view_only=choice.view, habits=_habits(target))
        await app.run_async()
    return app.return_code or 0, f"The session is recorded in {file}. {CONTENTS}." if recorder is not None else ""


def _habits(target: Target) -> HabitsFile:
    """Beside the journal of the account: alerts at paper prices are no business of the live desk."""
    return HabitsFile(target.journal.with_name(f"{target.journal.stem.replace('journal', 'desk')}.json"))


async def _insist(target: Target) -> None:
    """The live desk opens only with keys that work; one that may only read opens to look."""
    async for check in run_checks(lambda: target, wall_ms):
        log.info("check %s: %s", check.name, check.found)
        if not check.ok and check.name != "permissions":
            raise DeskError(
                f"The live desk does not open, the check of the {check.name} failed: {check.found}", check.advice
            )
