"""One account's seat at the exchange: its money and orders, and what every part of the engine asks about them.

Invariant: whatever changes the account passes through ``note``, so that a step's end knows who has changed.
"""

from collections.abc import Mapping
from decimal import Decimal

from tui.exchange.account import Account
from tui.exchange.blotter import Blotter
from tui.exchange.config import EngineConfig
from tui.exchange.events import AccountLogged, BalancesChanged, Event, PositionsChanged
from tui.exchange.fees import tier_for
from tui.exchange.floor import Floor
from tui.exchange.instruments import Instrument
from tui.exchange.margin import Claim
from tui.exchange.market import Market
from tui.exchange.pools import Exposure, exposure, flex_account, inverse_wallet
from tui.exchange.positions import ZERO, Position
from tui.exchange.views import FeeTier, FlexAccount, InverseWallet


class Seat:
    """``config`` holds what may differ between accounts: starting balances, fees, limits. ``dead_man_ms``: when the
    dead man's switch cancels everything, or None.
    """

    def __init__(self, floor: Floor, name: str, config: EngineConfig) -> None:
        self.floor = floor
        self.name = name
        self.config = config
        self.markets: Mapping[str, Market] = floor.markets
        self.account = Account(config, floor.new_id, lambda entry: self.emit(AccountLogged(entry)))
        self.blotter = Blotter(self.emit, floor.new_id)
        self.dead_man_ms: int | None = None
        self._positions_moved = False
        self._flex_moved = False
        self._wallets_moved = False

    @property
    def now_ms(self) -> int:
        return self.floor.now_ms

    @property
    def tier(self) -> FeeTier:
        return tier_for(self.config.fee_tiers, self.account.turnover.total(self.now_ms))

    # --- telling -----------------------------------------------------------------------------------------

    def emit(self, event: Event) -> None:
        """Tell this account."""
        self.floor.emit(event, self.name)
        self.floor.unsaved[self.name] = self

    def note(self, *, positions: bool = False, flex: bool = False, wallets: bool = False) -> None:
        """The account has changed, and perhaps what its feeds show of positions and balances."""
        self._positions_moved |= positions
        self._flex_moved |= flex
        self._wallets_moved |= wallets
        self.floor.stirred[self.name] = self
        self.floor.unsaved[self.name] = self

    def touch(self, instrument: Instrument, *, positions: bool = False) -> None:
        """Note that this contract's wallet (and perhaps its position) changed."""
        self.note(positions=positions, flex=not instrument.inverse, wallets=instrument.inverse)

    def tell_notes(self) -> None:
        """At the end of a step: what was noted, once."""
        if self._positions_moved:
            self.emit(PositionsChanged())
        if self._flex_moved or self._wallets_moved:
            self.emit(BalancesChanged(self._flex_moved, self._wallets_moved))
        self._positions_moved = self._flex_moved = self._wallets_moved = False

    # --- margin ------------------------------------------------------------------------------------------

    def claims(self, symbol: str, *, without: str | None = None) -> list[Claim]:
        """What resting orders of ``symbol`` could add; ``without`` leaves one order out."""
        return [
            Claim(order.side, order.remaining, order.limit_price)
            for order in self.blotter.live.values()
            if order.symbol == symbol
            and not order.is_trigger
            and not order.reduce_only
            and order.limit_price is not None
            and order.order_id != without
        ]

    def exposure_of(
        self, market: Market, position: Position | None, claims: list[Claim], **leverage: Decimal | None
    ) -> Exposure:
        """This contract's exposure with the given position and claims, at the present mark. Pass
        ``leverage`` to ask for another than the account's preference (None = cross).
        """
        symbol = market.instrument.symbol
        return exposure(
            market.instrument,
            position,
            market.mark,
            claims=claims,
            leverage=leverage.get("leverage", self.account.leverage.get(symbol)),
            pnl_currency=self.account.pnl_currency.get(symbol, "USD"),
            multiplier=self.config.extreme_volatility_multiplier,
        )

    def exposures(self, wallet: str, replacement: Exposure | None = None) -> list[Exposure]:
        """Exposures of a wallet's contracts that hold anything; ``replacement`` stands in for its own."""
        active = set(self.account.positions) | {order.symbol for order in self.blotter.live.values()}
        rows = []
        if replacement is not None:
            active.discard(replacement.instrument.symbol)
            rows.append(replacement)
        for symbol in sorted(active):
            market = self.markets[symbol]
            if market.instrument.wallet == wallet:
                rows.append(self.exposure_of(market, self.account.positions.get(symbol), self.claims(symbol)))
        return rows

    def flex(self, replacement: Exposure | None = None, paid: Decimal = ZERO) -> FlexAccount:
        """The multi-collateral wallet now, or as it would be with ``replacement`` and ``paid`` USD more."""
        balances = self.account.flex
        if paid:
            balances = balances | {"USD": balances.get("USD", ZERO) + paid}
        return flex_account(balances, self.exposures("flex", replacement), self.floor.index)

    def wallet(self, name: str, replacement: Exposure | None = None, paid: Decimal = ZERO) -> InverseWallet:
        """The same for a coin wallet, in coin."""
        balance = self.account.wallets.get(name, ZERO) + paid
        return inverse_wallet(name, balance, self.exposures(name, replacement), self.floor.index)
