import pytest

from tui.wire.derivatives import routes
from tui.wire.derivatives.routes import Access, Pool, Route

ALL = [value for value in vars(routes).values() if isinstance(value, Route)]


def test_no_two_routes_share_method_and_path() -> None:
    assert len({(route.method, route.path) for route in ALL}) == len(ALL)


@pytest.mark.parametrize("route", ALL, ids=lambda route: f"{route.method} {route.path}")
def test_only_private_calls_cost_and_everything_that_changes_needs_full_access(route: Route) -> None:
    assert (route.cost > 0) == (route.pool is not Pool.NONE)
    if route.pool is not Pool.NONE:
        assert route.access is not Access.PUBLIC
    if route.access is Access.FULL:
        assert route.method in {"POST", "PUT"}


def test_costs_that_vary() -> None:
    assert (routes.fills_cost(paged=False), routes.fills_cost(paged=True)) == (2, 25)
    assert routes.batch_cost(10) == 19
    counts = {1: 1, 25: 1, 26: 2, 50: 2, 51: 3, 500: 3, 1_000: 3, 1_001: 6, 5_000: 6, 5_001: 10, 100_000: 10}
    assert {count: routes.account_log_cost(count) for count in counts} == counts
