"""What a frame of a moving table costs: the desk's line table against Textual's DataTable, in one run.

    python -m tests.benchmarks.bench_table [--seconds 4] [--rounds 3]

Fifty rows of twelve columns at 60 frames a second on a pseudo terminal of 200 by 60 cells, once with a tenth of the
cells changing and once with all. Only the ratio inside one run means anything: machines drift. The goal is a fifteenth
of the DataTable's CPU a frame and a loop that is never more than 5 ms late (99th percentile).
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import json
import os
import pty
import random
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Sequence
from decimal import Decimal
from itertools import cycle
from pathlib import Path
from typing import Any

from msgspec import Struct
from textual.app import App, ComposeResult
from textual.widgets import DataTable

from tests.scenes import RICH
from tui.model.view import View
from tui.widgets.columns import Column, Context
from tui.widgets.ink import Ink, Span
from tui.widgets.table import LineTable

ROWS, COLUMNS, FRAMES_PER_S = 50, 12, 60
WIDTH, HEIGHT = 200, 60


class Cells(Struct, frozen=True):
    name: str
    values: tuple[Decimal, ...]


def _column(index: int) -> Column[Cells]:
    def cell(row: Cells, context: Context) -> Span:
        return context.fmt.number(row.values[index], 2), Ink.UP if index % 3 == 0 else Ink.TEXT

    return Column(f"col {index}", cell)


class CellsTable(LineTable[Cells]):
    def __init__(self) -> None:
        super().__init__("Bench", [_column(index) for index in range(COLUMNS)])
        self.cells: Sequence[Cells] = ()

    def sources(self, view: View) -> tuple[object, ...]:
        del view
        return (self.cells,)

    def rows(self, view: View) -> Sequence[Cells]:
        del view
        return self.cells

    def key(self, row: Cells) -> str:
        return row.name

    def symbol(self, row: Cells) -> str:
        return row.name


class Frame(Struct, frozen=True):
    """A moment of the market, and which cells (row, column) differ from the moment before."""

    cells: tuple[Cells, ...]
    changed: tuple[tuple[int, int], ...]


def market(share: float) -> list[Frame]:
    """A second of numbers that move, made before the clock runs: each frame changes ``share`` of the cells."""
    dice = random.Random(1)
    values = [[Decimal(10_000 + row * COLUMNS + column) for column in range(COLUMNS)] for row in range(ROWS)]
    places = [(row, column) for row in range(ROWS) for column in range(COLUMNS)]
    frames = []
    for _ in range(FRAMES_PER_S):
        changed = dice.sample(places, int(len(places) * share))
        for row, column in changed:
            values[row][column] += dice.choice((-1, 1)) * Decimal("0.25")
        cells = tuple(Cells(str(number), tuple(row)) for number, row in enumerate(values))
        frames.append(Frame(cells, tuple(changed)))
    return frames


class BenchApp(App[None]):
    """Runs one kind of table for a while and measures its own CPU and the lateness of its loop."""

    def __init__(self, kind: str, share: float, seconds: float) -> None:
        super().__init__()
        self._line = CellsTable() if kind == "line" else None
        self._data: DataTable[str] = DataTable()
        self._market, self._seconds = cycle(market(share)), seconds
        self.painted = 0
        self.result: dict[str, float] = {}

    def compose(self) -> ComposeResult:
        yield self._line or self._data

    def post_display_hook(self) -> None:
        self.painted += 1

    def on_mount(self) -> None:
        if self._line is None:
            for column in range(COLUMNS):
                self._data.add_column(f"col {column}", key=str(column), width=12)
            for row in range(ROWS):
                self._data.add_row(*("" for _ in range(COLUMNS)), key=str(row))
        self.run_worker(self._measure())

    def _frame(self) -> None:
        frame = next(self._market)
        if self._line is None:
            for row, column in frame.changed:
                text = f"{frame.cells[row].values[column]:,.2f}"
                self._data.update_cell(str(row), str(column), text)
            return
        self._line.cells = frame.cells
        self._line.show(RICH)

    async def _measure(self) -> None:
        await asyncio.sleep(0.5)
        late: list[float] = []
        self.painted = 0
        started, cpu = time.perf_counter(), time.process_time()
        due = started
        while (now := time.perf_counter()) - started < self._seconds:
            late.append(max(0.0, now - due) * 1000)
            self._frame()
            due = max(due + 1 / FRAMES_PER_S, time.perf_counter())
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        self.result = {
            "cpu_ms_a_frame": (time.process_time() - cpu) * 1000 / self.painted,
            "frames_a_second": self.painted / (time.perf_counter() - started),
            "late_ms_p99": statistics.quantiles(late, n=100)[98],
        }
        self.exit()


def _child(kind: str, share: float, seconds: float, out: Path) -> None:
    app = BenchApp(kind, share, seconds)
    app.run()
    out.write_text(json.dumps(app.result))


def _run(kind: str, share: float, seconds: float) -> dict[str, float]:
    """One measurement in a child on a pseudo terminal whose output is read and thrown away."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "result.json"
        command = [
            sys.executable,
            "-m",
            "tests.benchmarks.bench_table",
            "--child",
            kind,
            str(share),
            str(seconds),
            str(out),
        ]
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        child = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment)
        os.close(slave)
        threading.Thread(target=_drain, args=(master,), daemon=True).start()
        child.wait(timeout=seconds + 60)
        result: dict[str, float] = json.loads(out.read_text())
    os.close(master)
    return result


def _drain(terminal: int) -> None:
    try:
        while os.read(terminal, 65_536):
            pass
    except OSError:
        return


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", nargs=4, metavar=("KIND", "SHARE", "SECONDS", "OUT"), help=argparse.SUPPRESS)
    options: Any = parser.parse_args(arguments)
    if options.child:
        kind, share, seconds, out = options.child
        _child(kind, float(share), float(seconds), Path(out))
        return
    for share in (0.1, 1.0):
        rounds = {"line": [], "data": []}  # type: dict[str, list[dict[str, float]]]
        for _ in range(options.rounds):
            for kind, results in rounds.items():
                results.append(_run(kind, share, options.seconds))
        medians = {
            kind: {name: statistics.median(one[name] for one in results) for name in results[0]}
            for kind, results in rounds.items()
        }
        _say(f"{share:.0%} of the cells change")
        for kind, figures in medians.items():
            _say(f"  {kind:5}" + "  ".join(f"{name} {value:8.2f}" for name, value in figures.items()))
        ratio = medians["data"]["cpu_ms_a_frame"] / medians["line"]["cpu_ms_a_frame"]
        _say(f"  a frame of the line table costs 1/{ratio:.1f} of a DataTable's")


if __name__ == "__main__":
    main()
