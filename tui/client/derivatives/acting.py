"""Orders out: everything that changes something at the venue. Each goes out once, and says what became of it.

Raises, besides the venue's refusals, ``OutcomeUnknown`` when nobody can say yet; a caller asks then and never sends
again.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tui.client.derivatives import build
from tui.client.derivatives.parse import outcomes, words
from tui.client.derivatives.refusals import Kind, refusal
from tui.client.derivatives.rest import Call, Rest
from tui.client.derivatives.results import OrderResult
from tui.model.errors import DeskError, OutcomeUnknown, VenueError
from tui.model.order import CancelAllResult, CancelRequest, EditRequest, OrderRequest
from tui.wire.derivatives import base, routes, trading
from tui.wire.derivatives.codec import MalformedError, plain
from tui.wire.derivatives.outcomes import SendStatus

_CANCEL_ALL_WORDS = frozenset({SendStatus.CANCELLED, SendStatus.NO_ORDERS_TO_CANCEL})


class Acting:
    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    async def submit(self, request: OrderRequest) -> OrderResult:
        call = Call(routes.SEND_ORDER, build.send_order(request))
        answer = await self._rest.act(call, trading.SendOrder)
        return _result(Kind.SEND, answer.send_status, request, answer)

    async def edit(self, request: EditRequest) -> OrderResult:
        answer = await self._rest.act(Call(routes.EDIT_ORDER, build.edit_order(request)), trading.EditOrder)
        return _result(Kind.EDIT, answer.edit_status, request, answer)

    async def cancel(self, request: CancelRequest) -> OrderResult:
        call = Call(routes.CANCEL_ORDER, build.cancel_order(request), urgent=True)
        answer = await self._rest.act(call, trading.CancelOrder)
        return _result(Kind.CANCEL, answer.cancel_status, None, answer)

    async def cancel_all(self, symbol: str | None) -> CancelAllResult:
        params = [("symbol", symbol)] if symbol else []
        call = Call(routes.CANCEL_ALL_ORDERS, params, urgent=True)
        answer = await self._rest.act(call, trading.CancelAllOrders)
        told = answer.cancel_status
        if told.status not in _CANCEL_ALL_WORDS:
            raise refusal(Kind.CANCEL, told.status, order_id=None, client_order_id=None)
        ids = tuple(row.order_id for row in told.cancelled_orders or ())
        return CancelAllResult(told.status, ids, words.time_ms(answer.server_time))

    async def cancel_all_after(self, timeout_s: int) -> int | None:
        """Venue time at which all orders would be cancelled, None if disarmed (``timeout_s`` 0)."""
        call = Call(routes.CANCEL_ALL_ORDERS_AFTER, [("timeout", str(timeout_s))], urgent=True)
        answer = await self._rest.act(call, trading.CancelAllOrdersAfter)
        told = answer.status.trigger_time
        fires_at = words.time_ms(told) if isinstance(told, str) else None
        if timeout_s > 0 and fires_at is None:
            raise OutcomeUnknown("Kraken did not say when its cancel-all timer fires", "Arm it again")
        return fires_at

    async def batch(
        self, requests: Sequence[OrderRequest | EditRequest | CancelRequest]
    ) -> tuple[OrderResult | DeskError, ...]:
        """One verdict per request, in order: its result, or the error that single call would have raised."""
        cost = routes.batch_cost(len(requests))
        call = Call(routes.BATCH_ORDER, build.batch(requests), cost=cost)
        answer = await self._rest.act(call, trading.BatchOrder)
        if len(answer.batch_status) != len(requests):
            raise OutcomeUnknown("The answer to the batch has too few or too many rows", "Ask for each order's state")
        return tuple(_verdict(request, row, answer) for request, row in zip(requests, answer.batch_status, strict=True))

    async def set_leverage(self, symbol: str, max_leverage: Decimal | None) -> None:
        params = [("symbol", symbol)]
        if max_leverage is not None:
            params.append(("maxLeverage", plain(max_leverage)))
        answer = await self._rest.act(Call(routes.SET_LEVERAGE_PREFERENCE, params), base.Answer)
        if answer.result != "success":
            raise OutcomeUnknown("Kraken did not say whether the leverage was set", "Read the leverage settings")


def _result(
    kind: Kind, outcome: trading.Outcome, request: OrderRequest | EditRequest | None, answer: base.Answer
) -> OrderResult:
    try:
        return outcomes.result(kind, outcome, request, words.time_ms(answer.server_time))
    except MalformedError as error:
        raise OutcomeUnknown(f"The answer makes no sense: {error}", "Ask for the order's state") from None


def _verdict(
    request: OrderRequest | EditRequest | CancelRequest, row: trading.Outcome, answer: base.Answer
) -> OrderResult | DeskError:
    kind = Kind.SEND if isinstance(request, OrderRequest) else Kind.EDIT
    try:
        if isinstance(request, CancelRequest):
            return _result(Kind.CANCEL, row, None, answer)
        return _result(kind, row, request, answer)
    except (VenueError, OutcomeUnknown) as error:
        return error
