"""The trader's own limits, from the settings file: breaking one is a refusal by the desk, named as ours."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct


class ContractLimits(Struct, frozen=True, forbid_unknown_fields=True):
    """Largest order and position in contracts, largest order in USD notional. None means no limit."""

    max_order_size: Decimal | None = None
    max_order_usd: Decimal | None = None
    max_position: Decimal | None = None


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """``allow``: contracts that may be traded, empty for all. ``collar_pct``: how far through mark a limit may be.

    ``default`` applies to contracts that ``contract`` does not name.
    ``stale_after_s``: data older than this is a doubt.
    """

    allow: tuple[str, ...] = ()
    collar_pct: Decimal | None = None
    stale_after_s: int = 10
    default: ContractLimits = ContractLimits()
    contract: dict[str, ContractLimits] = {}

    def of(self, symbol: str) -> ContractLimits:
        return self.contract.get(symbol, self.default)
