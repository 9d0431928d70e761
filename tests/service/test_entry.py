"""What traders type: read exactly, computed where it is a word, refused in plain words where it is neither."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.service.accounts import dec, funded, position, wallet, worked
from tui.model.enums import DeviationUnit, Side
from tui.model.state import State
from tui.service import entry
from tui.service.ground import Ground, ground_of


def ground(state: State, symbol: str = "PF_XBTUSD") -> Ground:
    found = ground_of(state, symbol)
    assert found is not None
    return found


LINEAR = ground(worked())
INVERSE = ground(wallet("1"), "PI_XBTUSD")


class TestPrices:
    @pytest.mark.parametrize(
        ("text", "side", "price"),
        [
            ("84000", Side.BUY, "84000"),
            ("84,000", Side.BUY, "84000"),
            ("84_000", Side.BUY, "84000"),
            ("84000.5", Side.BUY, "84000.5"),
            ("@84000", Side.BUY, "84000"),
            ("bid", Side.BUY, "84001"),
            ("@bid", Side.SELL, "84001"),
            (" ASK ", Side.BUY, "84002"),
            ("best", Side.BUY, "84001"),
            ("join", Side.SELL, "84002"),
            ("last", Side.BUY, "84002"),
            ("@bid+2t", Side.BUY, "84003"),
            ("@bid - 2 ticks", Side.BUY, "83999"),
            ("ask+1tick", Side.BUY, "84003"),
        ],
    )
    def test_numbers_and_words(self, text: str, side: Side, price: str) -> None:
        assert entry.price(text, LINEAR, side) == dec(price)

    @pytest.mark.parametrize(
        ("text", "bought", "sold"),
        [
            ("mid", 84_001, 84_002),
            ("mark", 84_004, 84_005),
            ("index", 83_995, 83_996),
            ("mark-0.5%", 83_584, 83_585),
            ("mark+0.5%", 84_424, 84_425),
        ],
    )
    def test_words_between_ticks_are_rounded_to_cross_less(self, text: str, bought: int, sold: int) -> None:
        assert entry.price(text, LINEAR, Side.BUY) == bought
        assert entry.price(text, LINEAR, Side.SELL) == sold

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "type a price"),
            ("  ", "type a price"),
            ("abc", "abc is not a price word"),
            ("bid+", "is not a price"),
            ("bid+2", "is not a price"),
            ("bid++2t", "is not a price"),
            ("bid+1.2.3t", "1.2.3 is not a number"),
            ("84000,5", "a point marks decimals"),
            ("0", "above zero"),
            ("-5", "above zero"),
            ("bid-200%", "above zero"),
            ("1e5", "1e5 is not a number"),
            ("nan", "nan is not a price word"),
            ("9999999999999999", "too large"),
            (".", "is not a number"),
            ("٣", "is not a number"),
        ],
    )
    def test_refusals(self, text: str, words: str) -> None:
        with pytest.raises(entry.EntryError, match=words.replace("+", r"\+")):
            entry.price(text, LINEAR, Side.BUY)

    def test_a_missing_quote_is_named(self) -> None:
        with pytest.raises(entry.EntryError, match="there is no bid now"):
            entry.price("bid", ground(funded("1", books={}, tickers={})), Side.BUY)


def size(text: str, where: Ground = LINEAR, side: Side = Side.SELL, *, closing: bool = False) -> Decimal:
    return entry.size(text, where, side, at=dec(84_000), largest=dec("16.3946"), closing=closing)


class TestSizes:
    @pytest.mark.parametrize(
        ("text", "contracts"),
        [
            ("0.1", "0.1"),
            ("1,000", "1000"),
            ("0.00005", "0.00005"),
            (".01", "0.01"),
            ("5.", "5"),
            ("$500", "0.0059"),
            ("500$", "0.0059"),
            ("$1,000", "0.0119"),
            ("500 usd", "0.0059"),
            ("0.5btc", "0.5"),
            ("0.5 XBT", "0.5"),
            ("25%", "4.0986"),
            ("100%", "16.3946"),
            ("max", "16.3946"),
            ("all", "4"),
        ],
    )
    def test_linear(self, text: str, contracts: str) -> None:
        assert size(text) == dec(contracts)

    @pytest.mark.parametrize(("text", "contracts"), [("$500.9", "500"), ("500", "500"), ("0.01btc", "840")])
    def test_inverse_contracts_are_dollars(self, text: str, contracts: str) -> None:
        assert size(text, INVERSE) == dec(contracts)

    def test_percentages_are_of_the_position_when_closing(self) -> None:
        assert size("25%", closing=True) == 1
        assert size("max", closing=True) == 4

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "type a size"),
            ("0", "above zero"),
            ("-1", "above zero"),
            ("$0", "above zero"),
            ("0btc", "above zero"),
            ("0%", "above 0 and at most 100"),
            ("100.1%", "above 0 and at most 100"),
            ("%", "type a number"),
            ("$", "type a number"),
            ("0.0001%", "0.0001% of the available margin is less than one lot"),
            ("$1", r"\$1 is less than one lot \(0.0001, 8.40 USD\)"),
            ("5 eth", "eth is not a unit of PF_XBTUSD"),
            ("0,1", "a point marks decimals"),
            ("1,00", "a point marks decimals"),
            ("some", "not a number"),
        ],
    )
    def test_refusals(self, text: str, words: str) -> None:
        with pytest.raises(entry.EntryError, match=words):
            size(text)

    def test_all_needs_a_position_that_the_side_closes(self) -> None:
        with pytest.raises(entry.EntryError, match="no position that a buy closes"):
            size("all", side=Side.BUY)
        assert size("all", ground(funded("1", positions=(position("-2", "84000"),))), Side.BUY) == 2

    def test_unknown_price_or_margin_is_said(self) -> None:
        with pytest.raises(entry.EntryError, match="dollars need a price"):
            entry.size("$5", LINEAR, Side.BUY, at=None, largest=None, closing=False)
        with pytest.raises(entry.EntryError, match="largest size is not known"):
            entry.size("5%", LINEAR, Side.BUY, at=None, largest=None, closing=False)
        with pytest.raises(entry.EntryError, match="coin needs a price"):
            entry.size("5btc", INVERSE, Side.BUY, at=None, largest=None, closing=False)


class TestDistances:
    @pytest.mark.parametrize(
        ("text", "unit", "distance"),
        [
            ("2", DeviationUnit.PERCENT, "2"),
            ("2.5 %", DeviationUnit.PERCENT, "2.5"),
            ("$100", DeviationUnit.QUOTE, "100"),
            ("1,000", DeviationUnit.QUOTE, "1000"),
        ],
    )
    def test_in_their_unit(self, text: str, unit: DeviationUnit, distance: str) -> None:
        assert entry.distance(text, unit) == dec(distance)

    @pytest.mark.parametrize(
        ("text", "unit"),
        [
            ("2%", DeviationUnit.QUOTE),
            ("$2", DeviationUnit.PERCENT),
            ("", DeviationUnit.QUOTE),
            ("x", DeviationUnit.QUOTE),
        ],
    )
    def test_another_unit_is_refused(self, text: str, unit: DeviationUnit) -> None:
        with pytest.raises(entry.EntryError):
            entry.distance(text, unit)


@settings(max_examples=200)
@given(text=st.text(alphabet="0123456789.,_+-%$@ tbidaskmxlle", max_size=12), side=st.sampled_from(list(Side)))
def test_whatever_is_typed_gives_a_positive_number_or_words(text: str, side: Side) -> None:
    def price() -> Decimal:
        return entry.price(text, LINEAR, side)

    def amount() -> Decimal:
        return entry.size(text, LINEAR, side, at=dec(84_000), largest=dec(10), closing=False)

    for read in (price, amount):
        with contextlib.suppress(entry.EntryError):
            assert read() > 0


@given(number=st.decimals(min_value="0.0001", max_value="99999", places=6))
def test_a_typed_number_is_never_changed(number: Decimal) -> None:
    text = format(number, "f")
    if number > 0:
        assert entry.price(text, LINEAR, Side.BUY) == number
        assert size(text) == number


@pytest.mark.parametrize(("wanted", "around"), [("84000.4", (84_000, 84_001)), ("0.2", (1, 1)), ("7", (7, 7))])
def test_nearest_grid_values(wanted: str, around: tuple[int, int]) -> None:
    assert entry.nearest(dec(wanted), dec(1)) == (dec(around[0]), dec(around[1]))
