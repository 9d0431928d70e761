"""Moving money between the account's wallets, and out of it.

Invariant: nothing moves that margin needs: at most what a wallet holds and could do without. Source of the refusals'
words: Kraken docs, transfer.
"""

from decimal import Decimal
from typing import Final

from tui.exchange.account import CASH, FLEX
from tui.exchange.collateral import TERMS
from tui.exchange.commands import FundsAnswer, TransferFunds, WithdrawFunds
from tui.exchange.core import Core
from tui.exchange.positions import ZERO, money
from tui.wire.derivatives.outcomes import WordError

TRANSFER: Final = "transfer"
WITHDRAWAL: Final = "cross-exchange transfer"
_ALIASES: Final = {"BTC": "XBT"}


def transfer(core: Core, command: TransferFunds) -> FundsAnswer:
    """Answer to ``TransferFunds``."""
    source, target, currency = command.source.lower(), command.target.lower(), _currency(command.unit)
    error = _place_error(core, (source, target), currency) or _amount_error(core, source, currency, command.amount)
    if error or source == target:
        return FundsAnswer(error or WordError.INVALID_ACCOUNT)
    return _move(core, TRANSFER, currency, command.amount, source=source, target=target)


def withdraw(core: Core, command: WithdrawFunds) -> FundsAnswer:
    """Answer to ``WithdrawFunds``."""
    source, currency = command.source.lower(), _currency(command.unit)
    error = _place_error(core, (source,), currency) or _amount_error(core, source, currency, command.amount)
    if error:
        return FundsAnswer(error)
    return _move(core, WITHDRAWAL, currency, command.amount, source=source, target=None)


def _currency(unit: str) -> str:
    return _ALIASES.get(unit.upper(), unit.upper())


def _place_error(core: Core, places: tuple[str, ...], currency: str) -> str | None:
    wallets = core.account.wallets
    if any(place not in {CASH, FLEX} and place not in wallets for place in places):
        return WordError.INVALID_ACCOUNT
    coins = [core.wallet(place).base for place in places if place in wallets]
    if currency not in TERMS or any(coin != currency for coin in coins):
        return WordError.INVALID_UNIT
    return None


def _amount_error(core: Core, source: str, currency: str, amount: Decimal) -> str | None:
    if amount <= 0 or amount != money(amount):
        return WordError.INVALID_AMOUNT
    return WordError.INSUFFICIENT_FUNDS if amount > _free(core, source, currency) else None


def _free(core: Core, source: str, currency: str) -> Decimal:
    """What can leave ``source``: no more than it holds, unrealised profit stays."""
    if source == CASH:
        return core.account.holding.get(currency, ZERO)
    if source == FLEX:
        rows = (row for row in core.flex().currencies if row.currency == currency)
        return next((min(row.quantity, row.available) for row in rows), ZERO)
    wallet = core.wallet(source)
    return min(wallet.balance, wallet.available)


def _move(core: Core, info: str, currency: str, amount: Decimal, *, source: str, target: str | None) -> FundsAnswer:
    booking_uid = core.account.transfer(info, currency, amount, core.now_ms, source=source, target=target)
    core.revision += 1
    core.touched.flex = True
    core.touched.wallets |= any(place in core.account.wallets for place in (source, target))
    return FundsAnswer(booking_uid=booking_uid)
