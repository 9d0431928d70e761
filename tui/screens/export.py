"""Fills, and any table, as a file that a spreadsheet or a tax program can read.

Invariant: digits as the venue gave them, no thousands separators, no rounding; what nobody said is empty, never zero;
an existing file is never overwritten.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from tui.model.decimals import plain
from tui.model.fill import Fill

HEADER = (
    "time", "fill_id", "order_id", "client_order_id", "symbol", "side", "size", "price", "liquidity", "fee",
    "fee_currency", "realised_pnl",
)  # fmt: skip


def fills_csv(fills: Iterable[Fill]) -> str:
    """CSV with a header row, oldest fill first; times ISO 8601 in UTC."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(_row(fill) for fill in sorted(fills, key=lambda fill: (fill.time_ms, fill.fill_id)))
    return out.getvalue()


def export_fills(fills: Iterable[Fill], folder: Path, now_ms: int) -> Path:
    """Write the fills into a new file of ``folder`` and say which. Raises OSError."""
    return _write(fills_csv(fills), folder, "fills", now_ms)


def export_sheet(rows: Iterable[Sequence[str]], name: str, now_ms: int, folder: Path) -> Path:
    """As ``export_fills`` for rows of texts, the labels first; the arrows beside signed numbers are left out."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([cell.removeprefix("▲ ").removeprefix("▼ ") for cell in row] for row in rows)
    return _write(out.getvalue(), folder, name.lower().replace(" ", "-"), now_ms)


def _write(text: str, folder: Path, name: str, now_ms: int) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%d-%H%M%S")
    path = folder / f"{name}-{stamp}-{now_ms % 1000:03d}.csv"
    with path.open("x", encoding="utf-8", newline="") as file:
        file.write(text)
    return path


def _row(fill: Fill) -> tuple[str, ...]:
    at = datetime.fromtimestamp(fill.time_ms / 1000, UTC).isoformat(timespec="milliseconds")
    return (
        at, fill.fill_id, fill.order_id, fill.client_order_id or "", fill.symbol, fill.side.value, plain(fill.size),
        plain(fill.price), fill.liquidity.value, _said(fill.fee), fill.fee_currency or "", _said(fill.realised_pnl),
    )  # fmt: skip


def _said(value: Decimal | None) -> str:
    return "" if value is None else plain(value)
