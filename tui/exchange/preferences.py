"""Leverage, profit currency and self-trade preferences.

A leverage preference makes a contract isolated; clearing it makes it cross. Either can be refused when the
position and orders at hand would not survive the change (codes of the venue's preference pages).
Invariant: a refused change leaves every preference as it was.
"""

from dataclasses import replace
from decimal import Decimal

from tui.exchange.collateral import PNL_CURRENCIES
from tui.exchange.commands import Done, PreferenceAnswer, SetLeverage, SetPnlPreference, SetSelfTradeStrategy
from tui.exchange.core import Core
from tui.exchange.matching import SELF_TRADE_STRATEGIES

NO_CONTRACT = PreferenceAnswer(87, "CONTRACT_DOES_NOT_EXIST")
NOT_MULTI_COLLATERAL = PreferenceAnswer(88, "CONTRACT_NOT_MULTI_COLLATERAL")
NO_CURRENCY = PreferenceAnswer(89, "CURRENCY_DOES_NOT_EXIST")
WOULD_LIQUIDATE = PreferenceAnswer(41, "WOULD_CAUSE_LIQUIDATION")
NO_MARGIN = PreferenceAnswer(92, "INSUFFICIENT_MARGIN")
OUT_OF_BOUNDS = PreferenceAnswer(98, "MAX_LEVERAGE_OUT_OF_BOUNDS")


def set_leverage(core: Core, command: SetLeverage) -> PreferenceAnswer:
    """Answer to ``SetLeverage``."""
    symbol, wanted = command.symbol, command.max_leverage
    refusal = _multi_collateral(core, symbol)
    if refusal:
        return refusal
    instrument = core.markets[symbol].instrument
    if wanted is not None and not 1 <= wanted <= instrument.max_leverage:
        return OUT_OF_BOUNDS
    before = core.account.leverage.get(symbol)
    if before == wanted:
        return PreferenceAnswer()
    _apply_leverage(core, symbol, wanted)
    refusal = _unbearable(core, symbol)
    if refusal:
        _apply_leverage(core, symbol, before)
        return refusal
    core.touch(instrument, positions=symbol in core.account.positions)
    return PreferenceAnswer()


def _apply_leverage(core: Core, symbol: str, leverage: Decimal | None) -> None:
    if leverage is None:
        core.account.leverage.pop(symbol, None)
    else:
        core.account.leverage[symbol] = leverage
    for order in core.blotter.of(symbol):
        core.blotter.amend(replace(order, max_fixed_leverage=leverage))


def _unbearable(core: Core, symbol: str) -> PreferenceAnswer | None:
    """Whether the account cannot live with its preferences as they now stand."""
    market = core.markets[symbol]
    position, claims = core.account.positions.get(symbol), core.claims(symbol)
    if position is None and not claims:
        return None
    row = core.exposure_of(market, position, claims)
    by_ladder = core.exposure_of(market, position, claims, leverage=None)
    cross = core.flex().cross
    if row.with_orders < by_ladder.with_orders:
        return OUT_OF_BOUNDS
    if row.leverage is not None and position and row.locked + row.unrealized <= row.margin.maintenance:
        return WOULD_LIQUIDATE
    if cross.margin.maintenance_margin and cross.margin_equity <= cross.margin.maintenance_margin:
        return WOULD_LIQUIDATE
    return NO_MARGIN if cross.available_margin < 0 else None


def set_pnl_preference(core: Core, command: SetPnlPreference) -> PreferenceAnswer:
    """Answer to ``SetPnlPreference``."""
    refusal = _multi_collateral(core, command.symbol)
    if refusal:
        return refusal
    if command.currency not in PNL_CURRENCIES:
        return NO_CURRENCY
    currency = "BTC" if command.currency == "XBT" else command.currency
    core.account.pnl_currency[command.symbol] = currency
    core.touch(core.markets[command.symbol].instrument, positions=command.symbol in core.account.positions)
    return PreferenceAnswer()


def _multi_collateral(core: Core, symbol: str) -> PreferenceAnswer | None:
    market = core.markets.get(symbol)
    if market is None:
        return NO_CONTRACT
    return NOT_MULTI_COLLATERAL if market.instrument.inverse else None


def set_self_trade_strategy(core: Core, command: SetSelfTradeStrategy) -> Done:
    """Raises ``ValueError`` for a strategy the venue does not have."""
    if command.strategy not in SELF_TRADE_STRATEGIES:
        raise ValueError(command.strategy)
    core.account.self_trade_strategy = command.strategy
    core.revision += 1
    return Done()
