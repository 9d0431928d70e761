"""The account log over the history API, as JSON and as CSV.

Invariant: reads only; both forms show the same rows. Source: Kraken docs, account log; the CSV's header is a live
capture of 2026-06.
"""

import csv
import io
from typing import Final

from tui.exchange import render_account
from tui.exchange.endpoint import Act, Endpoint, Reply
from tui.exchange.params import Params
from tui.exchange.venue import Venue, Visitor
from tui.exchange.views import LogEntry
from tui.wire.derivatives import routes

_LOG_PAGE: Final = 500
_LOG_PAGE_LIMIT: Final = 100_000


def _account_log(_venue: Venue, params: Params) -> Act:
    since, before = params.integer("since"), params.integer("before")
    first, last = params.integer("from"), params.integer("to")
    info = params.text("info")
    ascending = params.word("sort", ("asc", "desc")) == "asc"
    count = _log_count(params)

    def wanted(row: LogEntry) -> bool:
        return (
            (since is None or row.time_ms >= since)
            and (before is None or row.time_ms < before)
            and (first is None or row.id >= first)
            and (last is None or row.id <= last)
            and (info is None or row.info == info)
        )

    def act(visitor: Visitor) -> Reply:
        rows = [row for row in visitor.account.account_log() if wanted(row)]
        ordered = rows if ascending else rows[::-1]
        logs = [render_account.log_entry(row) for row in ordered[:count]]
        return Reply({"accountUid": visitor.client.uid, "logs": logs})

    return act


def _log_count(params: Params) -> int:
    return min(params.integer("count", lowest=1) or _LOG_PAGE, _LOG_PAGE_LIMIT)


def _log_cost(params: Params) -> int:
    return routes.account_log_cost(_log_count(params))


def _account_log_csv(_venue: Venue, _params: Params) -> Act:
    """Newest first, like the JSON form."""

    def act(visitor: Visitor) -> Reply:
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(render_account.LOG_COLUMNS)
        writer.writerows(render_account.log_line(row) for row in visitor.account.account_log()[::-1])
        return Reply(text.getvalue(), media="text/csv")

    return act


ENDPOINTS: Final = (
    Endpoint(routes.ACCOUNT_LOG, _account_log, _log_cost),
    Endpoint(routes.ACCOUNT_LOG_CSV, _account_log_csv),
)
