"""One account's seat at the exchange: its money and orders, and what every part of the engine asks about them.

Invariant: whatever changes the account passes through ``note``, so that a step's end knows who has changed.
"""

from collections.abc import Mapping, Sequence
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
from tui.exchange.pools import Burden, Exposure, burden, carrying, cross_pool, exposure, flex_account, inverse_wallet
from tui.exchange.positions import ZERO, Position
from tui.exchange.views import CrossPool, FeeTier, FlexAccount, InverseWallet


class Seat:
    """``config`` holds what may differ between accounts: starting balances, fees, limits. ``dead_man_ms``: when the
    dead man's switch cancels everything, or None. ``guarded_ms``: when its margin was last looked at.
    """

    def __init__(self, floor: Floor, name: str, config: EngineConfig) -> None:
        self.floor = floor
        self.name = name
        self.config = config
        self.markets: Mapping[str, Market] = floor.markets
        self.account = Account(config, floor.new_id, lambda entry: self.emit(AccountLogged(entry)))
        self.blotter = Blotter(self.emit, floor.new_id)
        self.dead_man_ms: int | None = None
        self.guarded_ms = 0
        self._positions_moved = False
        self._flex_moved = False
        self._wallets_moved = False
        self._burdens: dict[str, tuple[tuple[object, ...], Sequence[Claim], Burden]] = {}

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

    @property
    def active(self) -> set[str]:
        """Contracts with a position or a live order."""
        return self.account.positions.keys() | self.blotter.symbols

    def claims(self, symbol: str, *, without: str | None = None) -> Sequence[Claim]:
        """What resting orders of ``symbol`` could add; ``without`` leaves one order out."""
        leaving = None if without is None else self.blotter.live.get(without)
        if leaving is None or leaving.symbol != symbol:
            return self.blotter.claims(symbol)
        return self.blotter.claims_without(leaving)

    def exposure_of(
        self, market: Market, position: Position | None, claims: Sequence[Claim], **leverage: Decimal | None
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

    def exposure(self, symbol: str) -> Exposure:
        """As it is now; what does not hang on the mark is worked out again only when it has changed."""
        market, position, claims = self.markets[symbol], self.account.positions.get(symbol), self.claims(symbol)
        chosen = self.account.leverage.get(symbol)
        mark = market.mark if market.instrument.inverse else None
        state = (position and (position.size, position.entry), chosen, mark)
        known = self._burdens.get(symbol)
        if known is None or known[0] != state or known[1] is not claims:
            multiplier = self.config.extreme_volatility_multiplier
            fresh = burden(
                market.instrument, position, market.mark, claims=claims, leverage=chosen, multiplier=multiplier
            )
            known = self._burdens[symbol] = (state, claims, fresh)
        currency = self.account.pnl_currency.get(symbol, "USD")
        return carrying(known[2], market.instrument, position, market.mark, leverage=chosen, pnl_currency=currency)

    def exposures(self, wallet: str, replacement: Exposure | None = None) -> list[Exposure]:
        """Exposures of a wallet's contracts that hold anything; ``replacement`` stands in for its own."""
        replaced = None if replacement is None else replacement.instrument.symbol
        symbols = [name for name in sorted(self.active) if self.markets[name].instrument.wallet == wallet]
        rows = [self.exposure(symbol) for symbol in symbols if symbol != replaced]
        return rows if replacement is None else [replacement, *rows]

    def flex(self, replacement: Exposure | None = None, paid: Decimal = ZERO) -> FlexAccount:
        """The multi-collateral wallet now, or as it would be with ``replacement`` and ``paid`` USD more."""
        return flex_account(self._flex_balances(paid), self.exposures("flex", replacement), self.floor.index)

    def cross(self, replacement: Exposure | None = None, paid: Decimal = ZERO) -> CrossPool:
        """Only its cross part."""
        return cross_pool(self._flex_balances(paid), self.exposures("flex", replacement), self.floor.index)

    def _flex_balances(self, paid: Decimal) -> dict[str, Decimal]:
        balances = self.account.flex
        return balances | {"USD": balances.get("USD", ZERO) + paid} if paid else balances

    def wallet(self, name: str, replacement: Exposure | None = None, paid: Decimal = ZERO) -> InverseWallet:
        """The same for a coin wallet, in coin."""
        balance = self.account.wallets.get(name, ZERO) + paid
        return inverse_wallet(name, balance, self.exposures(name, replacement), self.floor.index)
