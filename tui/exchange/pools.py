"""The account's margin pools: the multi-collateral wallet (cross and isolated) and the coin wallets.

Pure: balances, exposures and prices in, figures out, so that "what if" is the same call with other values.
Sources: identities verified on live balance frames of 2023 and the venue's margin pages. Invariant: margin
locked in isolated positions is taken out of the cross pool exactly once.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from tui.exchange.collateral import PNL_CURRENCIES, TERMS, usd_price
from tui.exchange.instruments import Instrument
from tui.exchange.margin import (
    NO_MARGIN,
    Claim,
    Margin,
    initial_with_orders,
    inverse_threshold,
    isolated_threshold,
    ladder_margin,
    linear_threshold,
    netted,
    position_margin,
    sum_margins,
)
from tui.exchange.positions import ZERO, Position, profit, value_at
from tui.exchange.views import CrossPool, FlexAccount, FlexCurrency, InverseWallet, PoolMargin, TriggerEstimates

Index = Callable[[str], Decimal]


@dataclass(frozen=True, slots=True)
class Exposure:
    """One contract's claim on its pool, in the settlement currency. ``leverage`` set = isolated."""

    instrument: Instrument
    size: Decimal
    entry: Decimal
    mark: Decimal
    pnl: Decimal
    funding: Decimal
    margin: Margin
    with_orders: Decimal
    leverage: Decimal | None
    pnl_currency: str

    @property
    def unrealized(self) -> Decimal:
        return self.pnl + self.funding

    @property
    def as_margin(self) -> Decimal:
        """Unrealised result as margin: a gain payable in another currency suffers haircut and conversion."""
        total = self.unrealized
        if total <= 0 or self.pnl_currency == "USD" or self.instrument.inverse:
            return total
        terms = TERMS[PNL_CURRENCIES[self.pnl_currency]]
        return total * (1 - terms.haircut) * (1 - terms.spread)

    @property
    def entry_value(self) -> Decimal:
        return value_at(inverse=self.instrument.inverse, size=self.size, price=self.entry) if self.size else ZERO

    @property
    def market_value(self) -> Decimal:
        return value_at(inverse=self.instrument.inverse, size=self.size, price=self.mark)

    @property
    def locked(self) -> Decimal:
        """Margin set aside for an isolated position."""
        return self.margin.initial if self.leverage is not None else ZERO


@dataclass(frozen=True, slots=True)
class Burden:
    """Margin of a position, and initial margin of it together with its orders. Of linear contracts it does not depend
    on the mark, so it may be known already.
    """

    margin: Margin
    with_orders: Decimal


def burden(
    instrument: Instrument,
    position: Position | None,
    mark: Decimal,
    *,
    claims: Iterable[Claim],
    leverage: Decimal | None,
    multiplier: int = 1,
) -> Burden:
    """``multiplier`` is the venue's extreme-volatility factor on initial margin."""
    size, entry = (position.size, position.entry) if position else (ZERO, ZERO)
    margin = position_margin(instrument, size, entry, mark, leverage) if position else NO_MARGIN
    with_orders = initial_with_orders(instrument, size, entry, mark, claims=claims, leverage=leverage)
    return Burden(Margin(margin.initial * multiplier, margin.maintenance), with_orders * multiplier)


def exposure(
    instrument: Instrument,
    position: Position | None,
    mark: Decimal,
    *,
    claims: Iterable[Claim],
    leverage: Decimal | None,
    pnl_currency: str = "USD",
    multiplier: int = 1,
) -> Exposure:
    """With a burden that is worked out now."""
    carried = burden(instrument, position, mark, claims=claims, leverage=leverage, multiplier=multiplier)
    return carrying(carried, instrument, position, mark, leverage=leverage, pnl_currency=pnl_currency)


def carrying(
    carried: Burden,
    instrument: Instrument,
    position: Position | None,
    mark: Decimal,
    *,
    leverage: Decimal | None,
    pnl_currency: str = "USD",
) -> Exposure:
    size, entry = (position.size, position.entry) if position else (ZERO, ZERO)
    return Exposure(
        instrument=instrument,
        size=size,
        entry=entry,
        mark=mark,
        pnl=profit(inverse=instrument.inverse, size=size, entry=entry, price=mark) if position else ZERO,
        funding=position.funding if position else ZERO,
        margin=carried.margin,
        with_orders=carried.with_orders,
        leverage=leverage,
        pnl_currency=pnl_currency,
    )


# --- multi-collateral --------------------------------------------------------------------------------------


def _pool(exposures: Iterable[Exposure], margin: Margin) -> PoolMargin:
    rows = tuple(exposures)
    pnl = sum((row.pnl for row in rows), ZERO)
    funding = sum((row.funding for row in rows), ZERO)
    for_orders = sum((row.with_orders - row.margin.initial for row in rows), ZERO)
    return PoolMargin(
        initial_margin=margin.initial,
        initial_margin_with_orders=margin.initial + for_orders,
        maintenance_margin=margin.maintenance,
        pnl=pnl,
        unrealized_funding=funding,
        total_unrealized=pnl + funding,
        total_unrealized_as_margin=sum((row.as_margin for row in rows), ZERO),
    )


def cross_margin(exposures: Iterable[Exposure]) -> Margin:
    """Margin of cross positions: added up, but perpetual and dated of one underlying net when opposite."""
    groups: dict[str, list[Exposure]] = {}
    for row in exposures:
        if row.size:
            groups.setdefault(row.instrument.underlying, []).append(row)
    return sum_margins(_group_margin(rows) for rows in groups.values())


def _group_margin(rows: list[Exposure]) -> Margin:
    if len({row.instrument.perpetual for row in rows}) == 1:
        return sum_margins(row.margin for row in rows)
    return netted((row.margin for row in rows if row.size > 0), (row.margin for row in rows if row.size < 0))


def cross_pool(balances: Mapping[str, Decimal], exposures: Iterable[Exposure], index: Index) -> CrossPool:
    """The cross part of the multi-collateral wallet, USD: what backs its positions and what is left for new ones."""
    rows = tuple(exposures)
    cross_rows = [row for row in rows if row.leverage is None]
    isolated_rows = [row for row in rows if row.leverage is not None]
    cross = _pool(cross_rows, cross_margin(cross_rows))
    values = {currency: amount * usd_price(currency, index) for currency, amount in balances.items()}
    balance_value = sum(values.values(), ZERO)
    locked = sum((row.locked for row in isolated_rows), ZERO)
    collateral = sum((value * (1 - TERMS[name].haircut) for name, value in values.items()), ZERO) - locked
    equity = collateral + cross.total_unrealized_as_margin
    isolated_orders = sum((row.with_orders - row.margin.initial for row in isolated_rows), ZERO)
    position_value = sum((row.entry_value for row in cross_rows), ZERO)
    return CrossPool(
        margin=cross,
        balance_value=balance_value - locked,
        collateral_value=collateral,
        portfolio_value=balance_value - locked + cross.total_unrealized,
        margin_equity=equity,
        available_margin=equity - cross.initial_margin_with_orders - isolated_orders,
        effective_leverage=position_value / equity if equity > 0 else ZERO,
        position_value=position_value,
    )


def flex_account(balances: Mapping[str, Decimal], exposures: Iterable[Exposure], index: Index) -> FlexAccount:
    """All figures of the multi-collateral wallet, USD."""
    rows = tuple(exposures)
    isolated_rows = [row for row in rows if row.leverage is not None and (row.size or row.with_orders)]
    isolated = {row.instrument.symbol: _pool([row], row.margin) for row in isolated_rows}
    cross = cross_pool(balances, rows, index)
    locked = sum((row.locked for row in isolated_rows), ZERO)
    totals = _pool(rows, Margin(*_add(cross.margin, isolated.values())))
    balance_value, collateral = cross.balance_value + locked, cross.collateral_value + locked
    return FlexAccount(
        currencies=tuple(_currency(name, amount, cross.available_margin, index) for name, amount in balances.items()),
        balance_value=balance_value,
        collateral_value=collateral,
        portfolio_value=balance_value + totals.total_unrealized,
        margin_equity=collateral + totals.total_unrealized_as_margin,
        available_margin=collateral + totals.total_unrealized_as_margin - totals.initial_margin_with_orders,
        totals=totals,
        position_value=sum((row.entry_value for row in rows), ZERO),
        cross=cross,
        isolated=isolated,
    )


def _add(cross: PoolMargin, isolated: Iterable[PoolMargin]) -> tuple[Decimal, Decimal]:
    pools = [cross, *isolated]
    return sum((p.initial_margin for p in pools), ZERO), sum((p.maintenance_margin for p in pools), ZERO)


def _currency(name: str, amount: Decimal, available_usd: Decimal, index: Index) -> FlexCurrency:
    price = usd_price(name, index)
    terms = TERMS[name]
    free = max(available_usd, ZERO) / (price * (1 - terms.haircut))
    return FlexCurrency(
        currency=name,
        quantity=amount,
        value=amount * price,
        collateral=amount * price * (1 - terms.haircut),
        available=free if name == "USD" else max(ZERO, min(amount, free)),
        haircut=terms.haircut,
        conversion_spread=terms.spread,
    )


def flex_threshold(
    row: Exposure,
    flex: FlexAccount,
    balances: Mapping[str, Decimal],
    index: Index,
    *,
    required: Decimal | None = None,
) -> Decimal | None:
    """Mark at which this position's pool falls to ``required`` USD (default: its maintenance margin) if only
    its underlying moves; coin collateral of the same underlying falls along.
    """
    if row.leverage is not None:
        required = row.margin.maintenance if required is None else required
        return isolated_threshold(row.size, row.entry, row.leverage, funding=row.funding, required=required)
    coin_name = row.instrument.underlying
    coin = balances.get(coin_name, ZERO) * (1 - TERMS[coin_name].haircut) if coin_name in balances else ZERO
    backing = flex.cross.margin_equity - row.pnl - (coin * index(coin_name) if coin else ZERO)
    required = flex.cross.margin.maintenance_margin if required is None else required
    return linear_threshold(row.size, row.entry, backing=backing, required=required, coin=coin)


# --- single-collateral -------------------------------------------------------------------------------------


def inverse_wallet(name: str, balance: Decimal, exposures: Iterable[Exposure], index: Index) -> InverseWallet:
    """All figures of one coin wallet, in its coin."""
    rows = tuple(exposures)
    base = name.removeprefix("fi_").removesuffix("usd").upper()
    margin = sum_margins(row.margin for row in rows)
    with_orders = sum((row.with_orders for row in rows), ZERO)
    pnl = sum((row.pnl for row in rows), ZERO)
    funding = sum((row.funding for row in rows), ZERO)
    portfolio = balance + pnl + funding
    return InverseWallet(
        name=name,
        currency=base.lower(),
        base=base,
        balance=balance,
        pnl=pnl,
        unrealized_funding=funding,
        portfolio_value=portfolio,
        initial_margin=with_orders,
        initial_margin_without_orders=margin.initial,
        maintenance_margin=margin.maintenance,
        available=portfolio - with_orders,
        usd_value=portfolio * index(base),
        positions={row.instrument.symbol: row.size for row in rows if row.size},
        estimates=TriggerEstimates(
            im=wallet_threshold(rows, balance, required_usd=wallet_requirement(rows).initial) or ZERO,
            mm=wallet_threshold(rows, balance, required_usd=wallet_requirement(rows).maintenance) or ZERO,
        ),
    )


def wallet_requirement(exposures: Iterable[Exposure]) -> Margin:
    """Ladder margin of a coin wallet's positions in USD, which does not move with the price."""
    return sum_margins(ladder_margin(row.instrument.rungs, abs(row.size)) for row in exposures)


def wallet_threshold(exposures: Iterable[Exposure], balance: Decimal, *, required_usd: Decimal) -> Decimal | None:
    """Price at which a coin wallet is worth ``required_usd`` when all its contracts move together."""
    rows = [row for row in exposures if row.size]
    backing = balance + sum((row.funding for row in rows), ZERO)
    return inverse_threshold(((row.size, row.entry) for row in rows), backing=backing, required_usd=required_usd)
