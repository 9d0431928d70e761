"""The account over REST: balances, positions, preferences, and what the key may do.

Invariant: preferences change through engine commands only; the engine's refusal goes out as a coded error with HTTP
500, as captured live for leverage preferences.
"""

from typing import Final

from tui.exchange import render_account
from tui.exchange.commands import (
    PreferenceAnswer,
    SetLeverage,
    SetPnlPreference,
    SetSelfTradeStrategy,
    UnknownSymbol,
)
from tui.exchange.endpoint import Act, Endpoint, Reply
from tui.exchange.params import Params
from tui.exchange.refusals import CodedRefusal, missing_argument
from tui.exchange.venue import Venue, Visitor
from tui.wire.derivatives import routes
from tui.wire.derivatives.codes import Permission, SelfTradeStrategy
from tui.wire.derivatives.outcomes import ErrorCode
from tui.wire.derivatives.times import to_iso

_UNWIND_PERCENTILE: Final = 20
"""Nobody is ever unwound here, so every position stands at the safe end of the queue."""


def _accounts(venue: Venue, _params: Params) -> Act:
    def act(visitor: Visitor) -> Reply:
        account = visitor.account
        rendered = render_account.accounts(
            account.holding(),
            account.wallets(),
            account.flex_account(),
            balances_as_text=venue.options.balances_as_text,
        )
        return Reply({"accounts": rendered})

    return act


def _open_positions(_venue: Venue, _params: Params) -> Act:
    return lambda visitor: Reply(
        {"openPositions": [render_account.open_position(row) for row in visitor.account.positions()]}
    )


# --- preferences -------------------------------------------------------------------------------------------


def _symbol(venue: Venue, params: Params) -> str:
    """Preferences answer an unknown contract with their own code."""
    try:
        return venue.engine.instrument(params.required("symbol")).symbol
    except UnknownSymbol:
        raise CodedRefusal(ErrorCode.CONTRACT_NOT_FOUND, "CONTRACT_DOES_NOT_EXIST", http=500) from None


def _settle(answer: PreferenceAnswer) -> Reply:
    if answer.error_code is not None:
        raise CodedRefusal(answer.error_code, answer.message, http=500)
    return Reply()


def _leverage(_venue: Venue, params: Params) -> Act:
    wanted = params.text("symbol")
    return lambda visitor: Reply(
        {
            "leveragePreferences": [
                {"symbol": symbol, "maxLeverage": leverage}
                for symbol, leverage in visitor.account.leverage_preferences().items()
                if wanted is None or symbol.upper() == wanted.upper()
            ]
        }
    )


def _set_leverage(venue: Venue, params: Params) -> Act:
    command = SetLeverage(_symbol(venue, params), params.decimal("maxLeverage"))
    return lambda visitor: _settle(visitor.apply(command))


def _pnl(_venue: Venue, _params: Params) -> Act:
    return lambda visitor: Reply(
        {
            "preferences": [
                {"symbol": symbol, "pnlCurrency": currency}
                for symbol, currency in visitor.account.pnl_preferences().items()
            ]
        }
    )


def _set_pnl(venue: Venue, params: Params) -> Act:
    command = SetPnlPreference(_symbol(venue, params), params.required("pnlPreference").upper())
    return lambda visitor: _settle(visitor.apply(command))


def _strategy(_venue: Venue, _params: Params) -> Act:
    return lambda visitor: Reply({"strategy": visitor.account.self_trade_strategy})


def _set_strategy(_venue: Venue, params: Params) -> Act:
    strategy = params.word("strategy", SelfTradeStrategy)
    if strategy is None:
        raise missing_argument()

    def act(visitor: Visitor) -> Reply:
        visitor.apply(SetSelfTradeStrategy(strategy))
        return Reply({"strategy": visitor.account.self_trade_strategy})

    return act


# --- the rest ----------------------------------------------------------------------------------------------


def _notifications(venue: Venue, _params: Params) -> Act:
    return lambda _: Reply({"notifications": [notice.in_answer() for notice in venue.hub.notices]})


def _unwind_queue(_venue: Venue, _params: Params) -> Act:
    return lambda visitor: Reply(
        {"queue": [{"symbol": row.symbol, "percentile": _UNWIND_PERCENTILE} for row in visitor.account.positions()]}
    )


def _key_check(venue: Venue, _params: Params) -> Act:
    def act(visitor: Visitor) -> Reply:
        credentials = visitor.client.credentials
        general = Permission.READ_ONLY if credentials.read_only else Permission.FULL_ACCESS
        transfer = Permission.NO_ACCESS if credentials.read_only else Permission.FULL_ACCESS
        return Reply(
            {
                "apiKey": credentials.api_key,
                "accountUid": visitor.client.uid,
                "iiban": "AA00 AAAA AAAA AAAA",
                "createdAt": to_iso(venue.started_ms),
                "permissions": {"general": general, "transfer": transfer},
                "allowedCidrBlock": None,
            }
        )

    return act


ENDPOINTS: Final = (
    Endpoint(routes.ACCOUNTS, _accounts),
    Endpoint(routes.OPEN_POSITIONS, _open_positions),
    Endpoint(routes.LEVERAGE_PREFERENCES, _leverage),
    Endpoint(routes.SET_LEVERAGE_PREFERENCE, _set_leverage),
    Endpoint(routes.PNL_PREFERENCES, _pnl),
    Endpoint(routes.SET_PNL_PREFERENCE, _set_pnl),
    Endpoint(routes.SELF_TRADE_STRATEGY, _strategy),
    Endpoint(routes.SET_SELF_TRADE_STRATEGY, _set_strategy),
    Endpoint(routes.NOTIFICATIONS, _notifications),
    Endpoint(routes.UNWIND_QUEUE, _unwind_queue),
    Endpoint(routes.KEY_CHECK, _key_check),
)
