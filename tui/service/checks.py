"""All pre-trade checks, in the order in which they are shown. A new check is one function and one line here.

Invariant: every check sees every order; what several find is shown together, not one after another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tui.service import account_checks as account
from tui.service import order_checks as order
from tui.service.case import Case, Finding

Check = Callable[[Case], Finding | None]

CHECKS: tuple[Check, ...] = (
    account.may_trade,
    order.fields_complete,
    order.size_on_lot,
    order.limit_on_tick,
    order.stop_on_tick,
    order.deviation_in_range,
    order.client_id_usable,
    order.market_open,
    order.market_takes_type,
    order.reduce_only_reduces,
    order.within_max_position,
    order.post_only_rests,
    account.contract_allowed,
    account.order_within_size,
    account.order_within_notional,
    account.position_within_limit,
    account.within_collar,
    account.leverage_fits_size,
    account.margin_suffices,
    account.survives_fill,
    account.stays_funded,
    account.nothing_unresolved,
    account.link_is_live,
    account.data_is_fresh,
    order.stop_waits,
    order.stop_before_liquidation,
    order.limit_near_mark,
    order.finds_a_match,
    order.meets_own_order,
    order.flips_position,
    account.level_after,
    account.crosses_rung,
    account.calm_market,
    account.venue_not_waiting,
    order.close_to_expiry,
)


def findings(case: Case) -> Iterator[Finding]:
    """What the checks have to say about one order."""
    for check in CHECKS:
        found = check(case)
        if found is not None:
            yield found
