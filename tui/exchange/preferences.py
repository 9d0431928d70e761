"""Leverage, profit currency and self-trade preferences.

A leverage preference makes a contract isolated; clearing it makes it cross. Either can be refused when the
position and orders at hand would not survive the change (codes of the venue's preference pages).
Invariant: a refused change leaves every preference as it was.
"""

from dataclasses import replace
from decimal import Decimal

from tui.exchange.collateral import PNL_CURRENCIES
from tui.exchange.commands import Done, PreferenceAnswer, SetLeverage, SetPnlPreference, SetSelfTradeStrategy
from tui.exchange.matching import SELF_TRADE_STRATEGIES
from tui.exchange.seat import Seat

NO_CONTRACT = PreferenceAnswer(87, "CONTRACT_DOES_NOT_EXIST")
NOT_MULTI_COLLATERAL = PreferenceAnswer(88, "CONTRACT_NOT_MULTI_COLLATERAL")
NO_CURRENCY = PreferenceAnswer(89, "CURRENCY_DOES_NOT_EXIST")
WOULD_LIQUIDATE = PreferenceAnswer(41, "WOULD_CAUSE_LIQUIDATION")
NO_MARGIN = PreferenceAnswer(92, "INSUFFICIENT_MARGIN")
OUT_OF_BOUNDS = PreferenceAnswer(98, "MAX_LEVERAGE_OUT_OF_BOUNDS")


def set_leverage(seat: Seat, command: SetLeverage) -> PreferenceAnswer:
    """Answer to ``SetLeverage``."""
    symbol, wanted = command.symbol, command.max_leverage
    refusal = _multi_collateral(seat, symbol)
    if refusal:
        return refusal
    instrument = seat.markets[symbol].instrument
    if wanted is not None and not 1 <= wanted <= instrument.max_leverage:
        return OUT_OF_BOUNDS
    before = seat.account.leverage.get(symbol)
    if before == wanted:
        return PreferenceAnswer()
    _apply_leverage(seat, symbol, wanted)
    refusal = _unbearable(seat, symbol)
    if refusal:
        _apply_leverage(seat, symbol, before)
        return refusal
    seat.touch(instrument, positions=symbol in seat.account.positions)
    return PreferenceAnswer()


def _apply_leverage(seat: Seat, symbol: str, leverage: Decimal | None) -> None:
    if leverage is None:
        seat.account.leverage.pop(symbol, None)
    else:
        seat.account.leverage[symbol] = leverage
    for order in seat.blotter.of(symbol):
        seat.blotter.amend(replace(order, max_fixed_leverage=leverage))


def _unbearable(seat: Seat, symbol: str) -> PreferenceAnswer | None:
    """Whether the account cannot live with its preferences as they now stand."""
    market = seat.markets[symbol]
    position, claims = seat.account.positions.get(symbol), seat.claims(symbol)
    if position is None and not claims:
        return None
    row = seat.exposure_of(market, position, claims)
    by_ladder = seat.exposure_of(market, position, claims, leverage=None)
    cross = seat.cross()
    if row.with_orders < by_ladder.with_orders:
        return OUT_OF_BOUNDS
    if row.leverage is not None and position and row.locked + row.unrealized <= row.margin.maintenance:
        return WOULD_LIQUIDATE
    if cross.margin.maintenance_margin and cross.margin_equity <= cross.margin.maintenance_margin:
        return WOULD_LIQUIDATE
    return NO_MARGIN if cross.available_margin < 0 else None


def set_pnl_preference(seat: Seat, command: SetPnlPreference) -> PreferenceAnswer:
    """Answer to ``SetPnlPreference``."""
    refusal = _multi_collateral(seat, command.symbol)
    if refusal:
        return refusal
    if command.currency not in PNL_CURRENCIES:
        return NO_CURRENCY
    currency = "BTC" if command.currency == "XBT" else command.currency
    seat.account.pnl_currency[command.symbol] = currency
    seat.touch(seat.markets[command.symbol].instrument, positions=command.symbol in seat.account.positions)
    return PreferenceAnswer()


def _multi_collateral(seat: Seat, symbol: str) -> PreferenceAnswer | None:
    market = seat.markets.get(symbol)
    if market is None:
        return NO_CONTRACT
    return NOT_MULTI_COLLATERAL if market.instrument.inverse else None


def set_self_trade_strategy(seat: Seat, command: SetSelfTradeStrategy) -> Done:
    """Raises ``ValueError`` for a strategy the venue does not have."""
    if command.strategy not in SELF_TRADE_STRATEGIES:
        raise ValueError(command.strategy)
    seat.account.self_trade_strategy = command.strategy
    seat.note()
    return Done()
