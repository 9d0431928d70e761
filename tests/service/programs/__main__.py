"""Simulated worlds with brackets: ``python -m tests.service.programs [FIRST] [COUNT]`` prints the seeds that fail."""

from __future__ import annotations

import sys

from tests.service.programs.simulated import run


def main() -> int:
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    failed = plans = 0
    for seed in range(first, first + count):
        result, world = run(seed)
        plans += len(world.trader.plans)
        if result.complaints:
            failed += 1
            sys.stdout.write(f"seed {seed}: {'; '.join(result.complaints[:5])}\n")
    sys.stdout.write(f"{count} worlds, {plans} brackets, {failed} failed\n")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
