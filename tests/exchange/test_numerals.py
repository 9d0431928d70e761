"""Exponents change the spelling and nothing else."""

import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tui.exchange.numerals import with_exponents

ROWS = st.recursive(
    st.integers() | st.decimals(allow_nan=False, allow_infinity=False, places=6) | st.text() | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=15,
)


def plain_json(value: object) -> str:
    """As the exchange writes: decimals as plain digits."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, list):
        return f"[{','.join(plain_json(one) for one in value)}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{json.dumps(name)}:{plain_json(one)}' for name, one in value.items())}}}"
    return json.dumps(value)


@given(ROWS)
def test_values_stay(row: object) -> None:
    text = plain_json(row)
    assert json.loads(with_exponents(text), parse_float=Decimal) == json.loads(text, parse_float=Decimal)


def test_fractions_get_an_exponent_and_text_does_not() -> None:
    assert with_exponents('{"qty":0.000448,"t":1700000000000,"note":"0.5"}') == (
        '{"qty":4.48E-4,"t":1700000000000,"note":"0.5"}'
    )
