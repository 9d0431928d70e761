"""Contracts and shorthands that the model's tests calculate with."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tui.model.enums import ContractKind
from tui.model.instrument import Instrument, MarginTier
from tui.model.pnl import Holding


def dec(text: str | float) -> Decimal:
    return Decimal(str(text))


def tiers(*rows: tuple[int, str, str]) -> tuple[MarginTier, ...]:
    """Rows of threshold, initial and maintenance in percent."""
    return tuple(MarginTier(Decimal(at), dec(im) / 100, dec(mm) / 100) for at, im, mm in rows)


def hold(size: str | float, entry: str | float) -> Holding:
    return Holding(dec(size), dec(entry))


PF_XBT = Instrument(
    symbol="PF_XBTUSD",
    kind=ContractKind.LINEAR,
    base="BTC",
    quote="USD",
    tick_size=Decimal(1),
    lot_step=Decimal("0.0001"),
    tiers=tiers((0, "1", "0.5"), (1_000_000, "2", "1"), (3_000_000, "4", "2")),
    max_position=Decimal(1200),
)
OLD_PF_XBT = msgspec.structs.replace(PF_XBT, tiers=tiers((0, "2", "1"), (500_000, "4", "2")))
FF_XBT = msgspec.structs.replace(PF_XBT, symbol="FF_XBTUSD", tiers=tiers((0, "2", "1")), expiry_ms=1)
PI_XBT = Instrument(
    symbol="PI_XBTUSD",
    kind=ContractKind.INVERSE,
    base="XBT",
    quote="USD",
    tick_size=Decimal("0.5"),
    lot_step=Decimal(1),
    tiers=tiers(
        (0, "2", "1"),
        (500_000, "4", "2"),
        (1_000_000, "6", "3"),
        (3_000_000, "10", "5"),
        (6_000_000, "15", "7.5"),
        (12_000_000, "25", "12.5"),
        (20_000_000, "30", "15"),
        (50_000_000, "40", "20"),
    ),
    max_position=Decimal(75_000_000),
)
PI_XRP = msgspec.structs.replace(PI_XBT, symbol="PI_XRPUSD", base="XRP", tiers=tiers((0, "10", "5")))
