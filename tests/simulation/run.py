"""Live through as many worlds as wanted: ``python -m tests.simulation --seeds 0-99999 --jobs 2``.

Prints each seed whose world ended wrong, with the command that shows it again; exit code 1 if there was any. Invariant:
a seed is the same world in every process; hash order is the only thing Python draws by lot, so it is fixed first.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing import Pool

from tests.simulation.world import Result, run

_BATCH = 16


def main(argv: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(argv)
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.execve(sys.executable, [sys.executable, "-m", "tests.simulation", *sys.argv[1:]], _fixed())  # noqa: S606 itself
    if given.show is not None:
        return _show(given.show)
    first, _, last = given.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    began_s = time.monotonic()
    failed = 0
    acts = 0
    happened: Counter[str] = Counter()
    for result in lived(seeds, given.jobs):
        acts += result.acts
        happened += result.happened
        if result.complaints:
            failed += 1
            _tell(result)
    took_s = time.monotonic() - began_s
    sys.stdout.write(f"{len(seeds)} worlds, {acts} acts, {failed} wrong, {took_s:.0f} s\n")
    for what, times in happened.most_common() if given.count else ():
        sys.stdout.write(f"{times:>9} {what}\n")
    return 1 if failed else 0


def lived(seeds: Iterable[int], jobs: int) -> Iterator[Result]:
    """The results of these worlds, in any order."""
    with Pool(jobs, initializer=_prepare) as pool:
        yield from pool.imap_unordered(one, seeds, _BATCH)


def one(seed: int) -> Result:
    """A world that ends with an error ended wrong, too."""
    try:
        return run(seed)
    except Exception as error:  # noqa: BLE001 whatever it is, the seed is to be told
        return Result(seed, [f"{type(error).__name__}: {error}"], "", 0.0)


def _prepare() -> None:
    """Worlds are short and full of cycles: collecting seldom is faster."""
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def _tell(result: Result) -> None:
    sys.stdout.write(f"seed {result.seed}: python -m tests.simulation --show {result.seed}\n")
    for complaint in result.complaints[:5]:
        sys.stdout.write(f"    {complaint}\n")
    sys.stdout.flush()


def _show(seed: int) -> int:
    """Everything that arrived anywhere, then what was wrong."""
    result = run(seed, verbose=True)
    for line in result.events:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{result.orders} orders, {result.fills} fills, {result.virtual_s:.0f} s, {result.digest}\n")
    _tell(result)
    return 1 if result.complaints else 0


def _fixed() -> dict[str, str]:
    return {**os.environ, "PYTHONHASHSEED": "0"}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", default="0-999", help="FIRST-LAST, or one (default %(default)s)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default %(default)s)")
    parser.add_argument("--show", type=int, metavar="SEED", help="tell all that happens in one world")
    parser.add_argument("--count", action="store_true", help="count what happened in these worlds, too")
    return parser
