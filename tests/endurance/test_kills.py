"""A short life of the endurance run: a few kills, every acknowledged order still there.

The long one is ``python -m tests.endurance``.
"""

from pathlib import Path

from tests.endurance.kills import endure


async def test_what_was_acknowledged_outlives_kill_9(tmp_path: Path) -> None:
    rounds = [one async for one in endure(tmp_path, kills=3, accounts=3, longest_s=1.0, seed=11)]
    assert [one.wrong for one in rounds] == [[], [], []]
    assert rounds[-1].orders > 100
    assert rounds[-1].fills > 10
    assert sum(one.doubts for one in rounds) > 0
