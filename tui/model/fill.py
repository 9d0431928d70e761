"""One execution of one of our orders. Its identity is ``fill_id``; it counts once, whatever road it came by."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from tui.model.enums import Liquidity, Side


class Fill(Struct, frozen=True):
    """``size`` in contracts, ``price`` in quote per coin, ``fee`` in ``fee_currency`` (negative = rebate).

    ``remaining``: size left in the order after this fill, when the source says it. ``fee`` and ``realised_pnl``
    are None when the source does not carry them (REST fills know no fee, stream fills no PnL).
    """

    fill_id: str
    order_id: str
    symbol: str
    side: Side
    size: Decimal
    price: Decimal
    time_ms: int
    liquidity: Liquidity = Liquidity.UNKNOWN
    client_order_id: str | None = None
    fee: Decimal | None = None
    fee_currency: str | None = None
    remaining: Decimal | None = None
    realised_pnl: Decimal | None = None

    @property
    def signed_size(self) -> Decimal:
        return self.size * self.side.sign
