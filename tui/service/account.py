"""Money: margin pools, collateral and cash, from frames that carry sections and answers that carry all.

Sections follow the venue's frames: absent means unchanged, cash and inverse wallets are upserts and never deletions,
the multi-collateral section replaces itself. Invariant: within one connection an older frame changes nothing.
"""

from __future__ import annotations

from decimal import Decimal

from tui.model.account import Account, Collateral, MarginPool
from tui.model.events import AccountFrame

CLOCK_TOLERANCE_MS = 1_000
FLEX_CURRENCY = "USD"  # the multi-collateral wallet counts in USD; an inverse wallet counts in its coin


class AccountLedger:
    """Owned by the reducer."""

    def __init__(self) -> None:
        self._time_ms: int | None = None
        self._fence_ms: int | None = None
        self._rest_n = -1
        self._flex: tuple[MarginPool, ...] = ()
        self._inverse: dict[str, MarginPool] = {}
        self._collateral: tuple[Collateral, ...] = ()
        self._cash: dict[str, Decimal] = {}
        self._view: Account | None = None

    def view(self) -> Account | None:
        """None until any source has spoken; the same object until something changes."""
        if self._view is None and self._time_ms is not None:
            pools = self._flex + tuple(self._inverse.values())
            self._view = Account(self._time_ms, pools, self._collateral, tuple(self._cash.items()))
        return self._view

    def new_connection(self) -> None:
        """Venue times of another connection are no fence for this one."""
        self._fence_ms = None

    def frame(self, event: AccountFrame) -> bool:
        """False if the frame is older than one already taken on this connection."""
        if self._fence_ms is not None and event.time_ms < self._fence_ms:
            return False
        self._fence_ms = event.time_ms
        if event.cash is not None:
            self._cash.update(event.cash)
        if event.inverse is not None:
            self._inverse.update((pool.name, pool) for pool in event.inverse)
        if event.flex is not None:
            self._flex = event.flex
        if event.collateral is not None:
            self._collateral = event.collateral
        self._moved(event.time_ms)
        return True

    def answer(self, account: Account, server_ms: int | None, sent_n: int, fill_n: int) -> bool:
        """The whole account from REST, asked at ``sent_n``. False if the stream knows newer, a fill came after the
        question (``fill_n``: evidence of the last one), or a later question was answered before this one.
        """
        if sent_n < self._rest_n:
            return False
        self._rest_n = sent_n
        time_ms = account.time_ms if server_ms is None else server_ms
        overtaken = self._fence_ms is not None and time_ms <= self._fence_ms + CLOCK_TOLERANCE_MS
        if overtaken or fill_n > sent_n:
            return False
        self._flex = tuple(pool for pool in account.pools if pool.currency == FLEX_CURRENCY)
        self._inverse = {pool.name: pool for pool in account.pools if pool.currency != FLEX_CURRENCY}
        self._collateral = account.collateral
        self._cash = dict(account.cash)
        self._moved(time_ms)
        return True

    def _moved(self, time_ms: int) -> None:
        self._time_ms = time_ms
        self._view = None
