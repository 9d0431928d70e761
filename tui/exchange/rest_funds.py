"""Moving funds, and the accounts of a master account.

Here every account is a master without subaccounts, so what speaks of one is refused as the venue refuses those who have
none. Invariant: money moves through engine commands only. Source: Kraken docs, transfers and subaccounts.
"""

from decimal import Decimal
from typing import Final

from tui.exchange.account import CASH
from tui.exchange.commands import FundsAnswer, TransferFunds, WithdrawFunds
from tui.exchange.endpoint import Act, Endpoint, Reply
from tui.exchange.params import Params
from tui.exchange.refusals import WordRefusal
from tui.exchange.venue import Venue, Visitor
from tui.wire.derivatives import routes
from tui.wire.derivatives.outcomes import WordError


def _settle(answer: FundsAnswer) -> FundsAnswer:
    if answer.error is not None:
        raise WordRefusal(answer.error)
    return answer


def _amount(params: Params) -> Decimal:
    return params.required_decimal("amount")


def _order(params: Params) -> TransferFunds:
    return TransferFunds(
        source=params.required("fromAccount"),
        target=params.required("toAccount"),
        unit=params.required("unit"),
        amount=_amount(params),
    )


def _transfer(_venue: Venue, params: Params) -> Act:
    command = _order(params)

    def act(visitor: Visitor) -> Reply:
        _settle(visitor.apply(command))
        return Reply()

    return act


def _subaccount_transfer(_venue: Venue, params: Params) -> Act:
    """Between two users; the only one known here is the asker."""
    command = _order(params)
    users = {params.required("fromUser"), params.required("toUser")}

    def act(visitor: Visitor) -> Reply:
        if users != {visitor.client.uid}:
            raise WordRefusal(WordError.INVALID_ACCOUNT)
        _settle(visitor.apply(command))
        return Reply()

    return act


def _withdraw(_venue: Venue, params: Params) -> Act:
    command = WithdrawFunds(params.text("sourceWallet") or CASH, params.required("currency"), _amount(params))
    return lambda visitor: Reply({"uid": _settle(visitor.apply(command)).booking_uid})


def _subaccounts(_venue: Venue, _params: Params) -> Act:
    return lambda visitor: Reply({"masterAccountUid": visitor.client.uid, "subaccounts": []})


def _subaccount_trading(_venue: Venue, params: Params) -> Act:
    """Kept for institutions with subaccounts; anybody else is told that the key may not."""
    params.required("uid")

    def act(_: Visitor) -> Reply:
        raise WordRefusal(WordError.AUTHENTICATION_ERROR)

    return act


ENDPOINTS: Final = (
    Endpoint(routes.TRANSFER, _transfer),
    Endpoint(routes.SUBACCOUNT_TRANSFER, _subaccount_transfer),
    Endpoint(routes.WITHDRAWAL, _withdraw),
    Endpoint(routes.SUBACCOUNTS, _subaccounts),
    Endpoint(routes.SUBACCOUNT_TRADING, _subaccount_trading),
    Endpoint(routes.SET_SUBACCOUNT_TRADING, _subaccount_trading),
)
