"""Closing a gap in our fills: page backwards from the newest until what was known before the gap.

The venue replays nothing after a disconnect, and its fills call pages backwards, a hundred at a time. Invariant: the
gap counts as closed only when a page reaches a fill from before it, or there is nothing older.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tui.client.venue import Venue
from tui.model.fill import Fill

PAGE = 100
PAGES = 20  # what the venue's budget allows in ten seconds if nothing else runs: each older page costs 25 of 500


async def backfill(
    venue: Venue, since_ms: int, known: frozenset[str], take: Callable[[tuple[Fill, ...]], None], answer_s: float
) -> None:
    """Hand every fill since ``since_ms`` to ``take``, with overlap. ``known``: ids at that millisecond.

    Each call may take ``answer_s``. Raises ``TimeoutError`` and what the venue's reading calls raise.
    """
    before_ms: int | None = None
    for _ in range(PAGES):
        async with asyncio.timeout(answer_s):
            page = (await venue.fills(before_ms)).value
        take(page)
        if not page:
            return
        oldest_ms = min(fill.time_ms for fill in page)
        if oldest_ms < since_ms or any(fill.fill_id in known for fill in page):
            return
        if before_ms is not None and oldest_ms + 1 >= before_ms:
            if len(page) < PAGE:
                return  # this millisecond is the oldest there is
            break  # a hundred fills within one millisecond: pages make no progress
        before_ms = oldest_ms + 1  # several fills can share a millisecond; overlap costs nothing
    async with asyncio.timeout(answer_s):
        older = await venue.executions(since_ms)
    take(older)
