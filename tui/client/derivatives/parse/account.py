"""Money, positions and preferences from REST answers.

The wire calls two different things initial margin: REST leaves open orders out, the stream takes them in; single-coin
wallets always take them in. Names of pools are those of the stream: ``flex`` for the cross part of the
multi-collateral wallet, the symbol for an isolated position, ``F-XBT:USD`` for a single-coin wallet.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from tui.client.derivatives.parse import words
from tui.model.account import (
    Account,
    Collateral,
    KeyPermissions,
    LeveragePreference,
    LogEntry,
    MarginPool,
    Notification,
)
from tui.model.enums import MarginMode, PositionSide
from tui.model.position import Position
from tui.wire.derivatives import account as wire
from tui.wire.derivatives.codec import MalformedError
from tui.wire.derivatives.codes import Permission

FLEX_POOL: Final = "flex"
USD: Final = "USD"

_RIGHTS: Final = {Permission.NO_ACCESS: "none", Permission.READ_ONLY: "read", Permission.FULL_ACCESS: "full"}
_RIGHT_OF_WORD: Final = {str(word): right for word, right in _RIGHTS.items()}


def account(answer: wire.Accounts, time_ms: int) -> Account:
    pools: list[MarginPool] = []
    collateral: tuple[Collateral, ...] = ()
    cash: tuple[tuple[str, Decimal], ...] = ()
    for name, row in answer.accounts.items():
        if row.type == "multiCollateralMarginAccount":
            pools.insert(0, _flex(row))
            collateral = tuple(_collateral(currency, held) for currency, held in (row.currencies or {}).items())
        elif row.type == "marginAccount":
            pools.append(_single(name, row))
        elif row.type == "cashAccount":
            cash = tuple((words.coin(coin), words.number(held)) for coin, held in (row.balances or {}).items())
    return Account(time_ms=time_ms, pools=tuple(pools), collateral=collateral, cash=cash)


def wallet_name(key: str, currency: str) -> str:
    """``fi_xbtusd`` -> ``F-XBT:USD``, as the stream and the account log name the same wallet."""
    pair = key.partition("_")[2].upper() or key.upper()
    coin = currency.upper()
    if pair.startswith(coin):
        return f"F-{coin}:{pair.removeprefix(coin)}"
    return f"F-{pair.removesuffix(coin)}:{coin}"


def collateral_row(
    currency: str, quantity: Decimal, value: Decimal | None, after: Decimal | None, available: Decimal | None
) -> Collateral:
    """``after``: USD value after the haircut, from which the haircut is derived."""
    value, after = words.optional(value), words.optional(after)
    haircut = 1 - after / value if value and after is not None else None
    return Collateral(
        currency=words.coin(currency),
        quantity=words.number(quantity),
        value=value,
        collateral_value=after,
        haircut=haircut,
        available=words.optional(available),
    )


def position(row: wire.OpenPosition) -> Position:
    """REST's PnL of inverse contracts is not believed (published samples are impossible in any unit)."""
    symbol = words.symbol(row.symbol)
    if row.side not in ("long", "short"):
        raise MalformedError(f"position side {row.side!r}")
    return Position(
        symbol=symbol,
        side=PositionSide(row.side),
        size=abs(words.number(row.size)),
        entry_price=words.number(row.price),
        unrealised_pnl=None if words.is_inverse(symbol) else words.optional(row.unrealized_pnl),
        unrealised_funding=words.optional(row.unrealized_funding),
        pnl_currency=words.coin(row.pnl_currency) if row.pnl_currency else None,
        max_leverage=words.nonzero(row.max_fixed_leverage),
        opened_ms=words.time_ms(row.fill_time),
    )


def leverage(row: wire.LeveragePreference) -> LeveragePreference:
    return LeveragePreference(words.symbol(row.symbol), words.number(row.max_leverage))


def notification(row: wire.RestNotification) -> Notification:
    return Notification(row.type, row.priority, row.note, words.time_ms(row.effective_time))


def permissions(answer: wire.KeyCheck) -> KeyPermissions:
    """A right named by a new word is passed on as the venue says it."""
    told = answer.permissions
    return KeyPermissions(
        general=_RIGHT_OF_WORD.get(told.general, told.general.lower()),
        transfer=_RIGHT_OF_WORD.get(told.transfer, told.transfer.lower()),
        account_id=answer.account_uid or None,
    )


def log_entry(row: wire.LogEntry) -> LogEntry:
    """``change`` is the new balance less the old one. A trade writes two rows; the one in contracts has the
    contract itself as asset.
    """
    contract = row.contract or (row.asset if "_" in row.asset else None)
    return LogEntry(
        entry_id=row.id,
        time_ms=words.vital_time_ms(row.date),
        info=row.info,
        asset=words.symbol(row.asset) if "_" in row.asset else words.coin(row.asset),
        change=words.amount(row.new_balance) - words.amount(row.old_balance),
        new_balance=words.amount(row.new_balance),
        symbol=words.symbol(contract) if contract else None,
        fee=words.optional(row.fee),
        realised_pnl=words.optional(row.realized_pnl),
        realised_funding=words.optional(row.realized_funding),
        execution=row.execution or None,
    )


def _flex(row: wire.Account) -> MarginPool:
    """REST tells totals only: with isolated positions they hold those too; the stream tells them apart."""
    return MarginPool(
        name=FLEX_POOL,
        currency=USD,
        mode=MarginMode.CROSS,
        equity=words.amount(row.margin_equity),
        initial_margin=words.amount(row.initial_margin),
        maintenance_margin=words.amount(row.maintenance_margin),
        available=words.amount(row.available_margin),
        balance=words.amount(row.balance_value),
        initial_margin_with_orders=words.optional(row.initial_margin_with_orders),
        unrealised_pnl=words.optional(row.pnl),
        unrealised_funding=words.optional(row.unrealized_funding),
        portfolio_value=words.optional(row.portfolio_value),
    )


def _collateral(currency: str, held: wire.FlexCurrency) -> Collateral:
    return collateral_row(currency, held.quantity, held.value, held.collateral, held.available)


def _single(name: str, row: wire.Account) -> MarginPool:
    """``im`` includes orders. Accrued funding is what portfolio value holds beyond balance and PnL; the field called
    ``funding`` repeats other figures in the venue's samples.
    """
    currency = (row.currency or "").lower()
    money, needs = row.auxiliary or wire.Auxiliary(), row.margin_requirements or wire.Requirements()
    value, pnl = words.number(money.pv), words.number(money.pnl)
    balance = next(
        (words.number(held) for coin, held in (row.balances or {}).items() if coin.lower() == currency), None
    )
    initial = words.amount(needs.im)
    return MarginPool(
        name=wallet_name(name, currency),
        currency=words.coin(currency),
        mode=MarginMode.CROSS,
        equity=value,
        initial_margin=initial,
        maintenance_margin=words.amount(needs.mm),
        available=words.number(money.af),
        balance=balance if balance is not None else value - pnl,
        initial_margin_with_orders=initial,
        unrealised_pnl=pnl,
        unrealised_funding=value - pnl - balance if balance is not None else None,
        portfolio_value=value,
    )
