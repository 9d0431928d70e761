"""Moving money between the account's wallets, and out of it.

Invariant: nothing moves that margin needs: at most what a wallet holds and could do without. Source of the refusals'
words: Kraken docs, transfer.
"""

from decimal import Decimal
from typing import Final

from tui.exchange.account import CASH, FLEX
from tui.exchange.collateral import TERMS
from tui.exchange.commands import FundsAnswer, TransferFunds, WithdrawFunds
from tui.exchange.positions import ZERO, money
from tui.exchange.seat import Seat
from tui.wire.derivatives.outcomes import WordError

TRANSFER: Final = "transfer"
WITHDRAWAL: Final = "cross-exchange transfer"
_ALIASES: Final = {"BTC": "XBT"}


def transfer(seat: Seat, command: TransferFunds) -> FundsAnswer:
    """Answer to ``TransferFunds``."""
    source, target, currency = command.source.lower(), command.target.lower(), _currency(command.unit)
    error = _place_error(seat, (source, target), currency) or _amount_error(seat, source, currency, command.amount)
    if error or source == target:
        return FundsAnswer(error or WordError.INVALID_ACCOUNT)
    return _move(seat, TRANSFER, currency, command.amount, source=source, target=target)


def withdraw(seat: Seat, command: WithdrawFunds) -> FundsAnswer:
    """Answer to ``WithdrawFunds``."""
    source, currency = command.source.lower(), _currency(command.unit)
    error = _place_error(seat, (source,), currency) or _amount_error(seat, source, currency, command.amount)
    if error:
        return FundsAnswer(error)
    return _move(seat, WITHDRAWAL, currency, command.amount, source=source, target=None)


def _currency(unit: str) -> str:
    return _ALIASES.get(unit.upper(), unit.upper())


def _place_error(seat: Seat, places: tuple[str, ...], currency: str) -> str | None:
    wallets = seat.account.wallets
    if any(place not in {CASH, FLEX} and place not in wallets for place in places):
        return WordError.INVALID_ACCOUNT
    coins = [seat.wallet(place).base for place in places if place in wallets]
    if currency not in TERMS or any(coin != currency for coin in coins):
        return WordError.INVALID_UNIT
    return None


def _amount_error(seat: Seat, source: str, currency: str, amount: Decimal) -> str | None:
    if amount <= 0 or amount != money(amount):
        return WordError.INVALID_AMOUNT
    return WordError.INSUFFICIENT_FUNDS if amount > _free(seat, source, currency) else None


def _free(seat: Seat, source: str, currency: str) -> Decimal:
    """What can leave ``source``: no more than it holds, unrealised profit stays."""
    if source == CASH:
        return seat.account.holding.get(currency, ZERO)
    if source == FLEX:
        rows = (row for row in seat.flex().currencies if row.currency == currency)
        return next((min(row.quantity, row.available) for row in rows), ZERO)
    wallet = seat.wallet(source)
    return min(wallet.balance, wallet.available)


def _move(seat: Seat, info: str, currency: str, amount: Decimal, *, source: str, target: str | None) -> FundsAnswer:
    booking_uid = seat.account.transfer(info, currency, amount, seat.now_ms, source=source, target=target)
    seat.note(flex=True, wallets=any(place in seat.account.wallets for place in (source, target)))
    return FundsAnswer(booking_uid=booking_uid)
