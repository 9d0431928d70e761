"""``python -m tests.endurance [--kills 100] [--accounts 6] [--longest 1.5] [--seed 1]``; exit code 1 if it lost any."""

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from tests.endurance.kills import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.endurance", description="Kill the exchange under load.")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--accounts", type=int, default=6)
    parser.add_argument("--longest", type=float, default=1.5, help="seconds of trading before a kill, at most")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    return asyncio.run(_run(parser.parse_args()))


async def _run(chosen: argparse.Namespace) -> int:
    last = ""
    with tempfile.TemporaryDirectory() as folder:
        lines = run(
            Path(folder), kills=chosen.kills, accounts=chosen.accounts, longest_s=chosen.longest, seed=chosen.seed
        )
        async for last in lines:
            sys.stdout.write(last + "\n")
            sys.stdout.flush()
    return 0 if " 0 contradictions" in last else 1


if __name__ == "__main__":
    sys.exit(main())
