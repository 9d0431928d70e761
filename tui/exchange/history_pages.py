"""Pages of the history API: what is asked for, and the envelope that answers.

Invariant: a continuation token names the last row of a page, so that rows which arrive between two pages are neither
repeated nor skipped. Source: Kraken docs, history pages.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from tui.exchange.endpoint import Reply
from tui.exchange.params import Params
from tui.exchange.refusals import invalid_argument
from tui.exchange.render_orders import Json

T = TypeVar("T")

PAGE_LIMIT: Final = 1_000


@dataclass(frozen=True, slots=True)
class EventQuery:
    """What every event list is asked for. ``after``: uid of the last row of the page before."""

    since: int | None
    before: int | None
    ascending: bool
    after: str | None
    count: int
    tradeable: str | None

    @classmethod
    def of(cls, params: Params) -> "EventQuery":
        token = params.text("continuation_token", "continuationToken")
        tradeable = params.text("tradeable")
        return cls(
            since=params.integer("since"),
            before=params.integer("before"),
            ascending=params.word("sort", ("asc", "desc")) == "asc",
            after=None if token is None else _decode_token(token),
            count=min(params.integer("count", lowest=1) or PAGE_LIMIT, PAGE_LIMIT),
            tradeable=None if tradeable is None else tradeable.upper(),
        )

    def wants(self, time_ms: int, symbol: str) -> bool:
        return (
            (self.since is None or time_ms >= self.since)
            and (self.before is None or time_ms < self.before)
            and (self.tradeable is None or symbol.upper() == self.tradeable)
        )

    def page(self, oldest_first: Sequence[T], uid_of: Callable[[T], str]) -> tuple[list[T], str | None]:
        """The rows of this page, and the token of the next one if there is more."""
        rows = list(oldest_first) if self.ascending else list(oldest_first)[::-1]
        if self.after is not None:
            place = next((place for place, row in enumerate(rows) if uid_of(row) == self.after), len(rows))
            rows = rows[place + 1 :]
        page = rows[: self.count]
        return page, _encode_token(uid_of(page[-1])) if len(rows) > self.count else None


def _encode_token(uid: str) -> str:
    return base64.urlsafe_b64encode(uid.encode()).decode()


def _decode_token(token: str) -> str:
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise invalid_argument("continuation_token") from None


def envelope(elements: list[Json], token: str | None, *, server_time: str, account_uid: str | None = None) -> Reply:
    """``account_uid`` is told on the account's own lists only."""
    payload: Json = {} if account_uid is None else {"accountUid": account_uid}
    payload |= {"len": len(elements), "serverTime": server_time, "elements": elements}
    headers = {"is-truncated": "true" if token else "false"}
    if token:
        payload["continuationToken"] = token
        headers["Next-Continuation-Token"] = token
    return Reply(payload, headers)
