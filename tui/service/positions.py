"""Positions: the venue's last complete list, moved by the fills that are newer than it.

The list is the truth at its own venue time; between two lists our fills adjust sizes and entries, provisionally.
Invariant: only a list that was read means flat, and a fill is in the list or on top of it, never both.
Sizes change by fills alone, so two lists that differ without the fills to explain it mean that a fill is missing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from tui.model.decimals import ZERO, plain
from tui.model.enums import PositionSide
from tui.model.fill import Fill
from tui.model.instrument import Instrument
from tui.model.pnl import Holding, after_fill
from tui.model.position import Position
from tui.service.duties import Wishes

CLOCK_TOLERANCE_MS = 1_000
EXPLAIN_WITHIN_MS = 2_000
RECENT_FILLS = 500


class _Jump(Struct, frozen=True):
    """A size that moved between two lists, to be explained by fills of that time."""

    due_ms: int
    symbol: str
    from_ms: int
    to_ms: int
    moved: Decimal


class PositionLedger:
    """Owned by the reducer. ``instruments`` tells linear from inverse for provisional entries."""

    def __init__(self, wishes: Wishes) -> None:
        self.instruments: Mapping[str, Instrument] = {}
        self._wishes = wishes
        self._base: dict[str, Position] | None = None
        self._base_ms = 0
        self._from_rest = False
        self._fence_ms: int | None = None
        self._frame_n = -1
        self._rest_n = -1
        self._recent: deque[tuple[Fill, int]] = deque(maxlen=RECENT_FILLS)
        self._jumps: list[_Jump] = []
        self._view: tuple[Position, ...] | None = ()

    @property
    def is_known(self) -> bool:
        return self._base is not None

    def view(self) -> tuple[Position, ...]:
        """By symbol; provisional fields that nobody has said are None."""
        if self._view is None:
            current = dict(self._base or {})
            for fill, _ in self._newer_fills():
                self._apply(current, fill)
            self._view = tuple(current[symbol] for symbol in sorted(current))
        return self._view

    def new_connection(self) -> None:
        """Venue times of another connection are no fence for this one."""
        self._fence_ms = None

    def fill(self, fill: Fill, n: int) -> None:
        self._recent.append((fill, n))
        if self._base is not None and fill.time_ms > self._base_ms:
            self._view = None
        elif self._from_rest and fill.time_ms > self._base_ms - CLOCK_TOLERANCE_MS:
            self._wishes.refresh()  # too close to tell whether the list held it already

    def frame(self, positions: Iterable[Position], time_ms: int | None, n: int, now_ms: int) -> bool:
        """A complete list from the stream. False if it is older than one already taken on this connection."""
        if time_ms is not None and self._fence_ms is not None and time_ms < self._fence_ms:
            return False
        if time_ms is None:
            time_ms = max((fill.time_ms for fill, _ in self._recent), default=self._base_ms)
        self._fence_ms = time_ms
        self._frame_n = n
        self._replace(positions, time_ms, now_ms, from_rest=False)
        return True

    def answer(self, positions: Iterable[Position], server_ms: int | None, sent_n: int, now_ms: int) -> bool:
        """A complete list from REST, asked at ``sent_n``. False if the stream knows newer or a later question was
        answered before this one.
        """
        if sent_n < self._rest_n:
            return False
        self._rest_n = sent_n
        if server_ms is None:
            overtaken = self._frame_n > sent_n
            server_ms = max((fill.time_ms for fill, n in self._recent if n <= sent_n), default=self._base_ms)
        else:
            overtaken = self._fence_ms is not None and server_ms <= self._fence_ms + CLOCK_TOLERANCE_MS
        if overtaken or any(n > sent_n and fill.time_ms > server_ms - CLOCK_TOLERANCE_MS for fill, n in self._recent):
            return False
        self._replace(positions, server_ms, now_ms, from_rest=True)
        return True

    def unexplained(self, now_ms: int) -> tuple[str, ...]:
        """Symbols whose size moved without the fills to explain it, each reported once; the fills are asked for."""
        due = [jump for jump in self._jumps if jump.due_ms <= now_ms]
        if not due:
            return ()
        self._jumps = [jump for jump in self._jumps if jump.due_ms > now_ms]
        odd = tuple(
            f"{jump.symbol} moved by {plain(jump.moved)}" for jump in due if self._explained(jump) != jump.moved
        )
        if odd:
            self._wishes.fills()
        return odd

    def _replace(self, positions: Iterable[Position], time_ms: int, now_ms: int, *, from_rest: bool) -> None:
        new = {position.symbol: position for position in positions if position.size}
        if self._base is not None and time_ms > self._base_ms:
            for symbol in new.keys() | self._base.keys():
                moved = _signed(new, symbol) - _signed(self._base, symbol)
                if moved:
                    due_ms = now_ms + EXPLAIN_WITHIN_MS
                    self._jumps.append(_Jump(due_ms, symbol, self._base_ms, time_ms, moved))
        self._base, self._base_ms, self._from_rest = new, time_ms, from_rest
        self._view = None

    def _newer_fills(self) -> list[tuple[Fill, int]]:
        if self._base is None:
            return []
        newer = [(fill, n) for fill, n in self._recent if fill.time_ms > self._base_ms]
        return sorted(newer, key=lambda pair: pair[0].time_ms)

    def _explained(self, jump: _Jump) -> Decimal:
        return sum(
            (
                fill.signed_size
                for fill, _ in self._recent
                if fill.symbol == jump.symbol and jump.from_ms < fill.time_ms <= jump.to_ms
            ),
            ZERO,
        )

    def _apply(self, current: dict[str, Position], fill: Fill) -> None:
        """Size and entry move; what depends on the mark or on margin is not ours to say and becomes None."""
        before = current.pop(fill.symbol, None)
        instrument = self.instruments.get(fill.symbol)
        held = Holding(before.signed_size, before.entry_price) if before else Holding()
        if instrument is not None:
            after, _ = after_fill(instrument, held, fill.signed_size, fill.price)
        else:
            after = Holding(held.size + fill.signed_size, held.entry if before else fill.price)
        if not after.size:
            return
        side = PositionSide.LONG if after.size > 0 else PositionSide.SHORT
        if before is None:
            current[fill.symbol] = Position(fill.symbol, side, abs(after.size), after.entry, opened_ms=fill.time_ms)
            return
        current[fill.symbol] = replace(
            before,
            side=side,
            size=abs(after.size),
            entry_price=after.entry,
            unrealised_pnl=None,
            liquidation_price=None,
            initial_margin=None,
            maintenance_margin=None,
        )


def _signed(positions: Mapping[str, Position], symbol: str) -> Decimal:
    position = positions.get(symbol)
    return position.signed_size if position else ZERO
