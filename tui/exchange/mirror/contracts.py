"""The upstream's contract list as this exchange's own: grids, tiers, limits and dates are the upstream's.

Fee schedules stay ours, for fees are charged here. Left out is what this exchange has no rules for (options, vanilla
futures, contracts not against USD) and what lacks a tier or a price. Source of the fields: Kraken docs, instruments and
tickers, with live captures of 2026. Invariant: what is listed has tiers that ascend from 0, and a price.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final

from tui.exchange.collateral import COINS
from tui.exchange.instruments import FEES, Instrument, Rung
from tui.exchange.mirror.quote import Quote, of_row
from tui.wire.derivatives import market as wire
from tui.wire.derivatives.times import to_ms

_SYMBOL: Final = re.compile(r"[PF][IF]_(?P<coin>\w+?)USD(?:_\d{6})?", re.IGNORECASE)
_KINDS: Final = frozenset({"flexible_futures", "futures_inverse"})
_NEEDED: Final = ("XBT", "ETH")
"""Every account has wallets in these."""
_UNLIMITED: Final = Decimal(10) ** 9
_ZERO: Final = Decimal(0)


class UpstreamError(Exception):
    """What was asked for cannot be mirrored; the text says why."""


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract with what REST said of its prices last."""

    instrument: Instrument
    quote: Quote


@dataclass(frozen=True, slots=True)
class Upstream:
    """``contracts`` are mirrored. ``leaders`` gives for each coin the contract whose index is the coin's: its perpetual
    with multi-collateral where there is one (contracts of one coin may differ on the wire, an account needs one
    price). Coins that may stand as collateral are among them though no contract of theirs is mirrored.
    """

    contracts: tuple[Contract, ...]
    leaders: dict[str, Contract]

    @property
    def priced(self) -> dict[str, str]:
        """Coin by symbol of the leaders that are not mirrored themselves."""
        mirrored = {one.instrument.symbol for one in self.contracts}
        symbols = {one.instrument.symbol: coin for coin, one in self.leaders.items()}
        return {symbol: coin for symbol, coin in symbols.items() if symbol not in mirrored}


def quotes_of(tickers: wire.Tickers) -> dict[str, Quote]:
    """By symbol."""
    return {row.symbol: of_row(row) for row in tickers.tickers}


def upstream_of(instruments: wire.Instruments, quotes: Mapping[str, Quote], only: Iterable[str] = ()) -> Upstream:
    """Every contract with a price that can be mirrored; with ``only``, those of these symbols (in any case)."""
    known: list[Contract] = []
    for row in instruments.instruments:
        quote = quotes.get(row.symbol)
        instrument = instrument_of(row, quote.tag) if quote is not None else None
        if instrument is not None and quote is not None and quote.index is not None:
            known.append(Contract(instrument, quote))
    wanted = {symbol.upper() for symbol in only}
    chosen = tuple(one for one in known if not wanted or one.instrument.symbol.upper() in wanted)
    coins = COINS | {one.instrument.underlying for one in chosen}
    leaders: dict[str, Contract] = {}
    for one in sorted(known, key=_follows):
        if one.instrument.underlying in coins:
            leaders.setdefault(one.instrument.underlying, one)
    return Upstream(chosen, leaders)


def check(upstream: Upstream, name: str, only: Iterable[str] = ()) -> None:
    """Raises ``UpstreamError`` if no exchange can be run on it."""
    known = {one.instrument.symbol.upper() for one in upstream.contracts}
    missing = [symbol for symbol in only if symbol.upper() not in known]
    if missing:
        raise UpstreamError(f"{name} does not list {', '.join(missing)}")
    unpriced = [coin for coin in _NEEDED if coin not in upstream.leaders]
    if unpriced or not upstream.contracts:
        lacking = f"prices of {' and '.join(unpriced)}" if unpriced else "contracts"
        raise UpstreamError(f"{name} has no {lacking}: nothing to mirror")


def _follows(contract: Contract) -> tuple[bool, bool]:
    instrument = contract.instrument
    return (instrument.inverse, not instrument.perpetual)


def coin_of(symbol: str) -> str | None:
    """``XBT`` of ``PF_XBTUSD``; None for what is not against USD."""
    found = _SYMBOL.fullmatch(symbol)
    return found["coin"] if found else None


def instrument_of(row: wire.Instrument, tag: str | None) -> Instrument | None:
    """None for what this exchange has no rules for."""
    coin, rungs = coin_of(row.symbol), _rungs(row.margin_levels or ())
    if row.type not in _KINDS or coin is None or rungs is None or not row.tick_size > 0:
        return None
    if row.is_expired or row.contract_size != 1:
        return None
    inverse = row.type == "futures_inverse"
    last_ms = None if row.last_trading_time is None else to_ms(row.last_trading_time)
    lot = Decimal(1).scaleb(-row.contract_value_trade_precision)
    return Instrument(
        symbol=row.symbol,
        kind=row.type,
        underlying=coin,
        base=row.base or coin,
        tick=row.tick_size.normalize(),
        size_precision=row.contract_value_trade_precision,
        impact_mid_size=row.impact_mid_size or lot,
        max_position=row.max_position_size or _UNLIMITED,
        rungs=rungs,
        category=row.category or "",
        opening_ms=0 if row.opening_date is None else to_ms(row.opening_date),
        isin=row.isin,
        last_trading_ms=last_ms,
        funding_coefficient=int(row.funding_rate_coefficient or 8),
        max_relative_funding=row.max_relative_funding_rate or Decimal("0.005"),
        tag=tag or ("perpetual" if last_ms is None else "month"),
        fee_schedule_uid=FEES[inverse],
    )


def _rungs(levels: Iterable[wire.MarginLevel]) -> tuple[Rung, ...] | None:
    rungs = tuple(Rung(level.threshold, level.initial_margin, level.maintenance_margin) for level in levels)
    ascending = all(low.threshold < high.threshold for low, high in pairwise(rungs))
    if not rungs or rungs[0].threshold != 0 or not ascending:
        return None
    return rungs if all(_ZERO < rung.initial <= 1 for rung in rungs) else None
