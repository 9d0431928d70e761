"""A net position in one contract."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from tui.model.enums import MarginMode, PositionSide, Side


class Position(Struct, frozen=True):
    """``size`` is positive contracts; ``side`` says the direction.

    ``unrealised_pnl`` and ``unrealised_funding`` are in ``pnl_currency``. ``liquidation_price`` is None when there is
    none or nobody said. ``max_leverage`` present means isolated margin at that cap.
    """

    symbol: str
    side: PositionSide
    size: Decimal
    entry_price: Decimal
    mark_price: Decimal | None = None
    unrealised_pnl: Decimal | None = None
    unrealised_funding: Decimal | None = None
    pnl_currency: str | None = None
    liquidation_price: Decimal | None = None
    initial_margin: Decimal | None = None
    maintenance_margin: Decimal | None = None
    max_leverage: Decimal | None = None
    opened_ms: int | None = None

    @property
    def signed_size(self) -> Decimal:
        return self.size if self.side is PositionSide.LONG else -self.size

    @property
    def sign(self) -> int:
        return 1 if self.side is PositionSide.LONG else -1

    @property
    def mode(self) -> MarginMode:
        return MarginMode.CROSS if self.max_leverage is None else MarginMode.ISOLATED

    @property
    def closing_side(self) -> Side:
        """Side of the order that would reduce this position."""
        return Side.SELL if self.side is PositionSide.LONG else Side.BUY
