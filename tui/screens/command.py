"""Typed orders: ``b .01 @bid po``, ``s 25% mkt ro``, ``sl 84000 all``, ``x all``, ``lev 10``.

Pure: text in, a command out. Sizes and prices stay texts, because the ticket's own reading of them judges them.
Invariant: a command is a wish, never an act: every order goes through the confirm strip.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from tui.model.decimals import parse_decimal
from tui.model.draft import OrderDraft
from tui.model.view import View
from tui.screens.alert_line import DropAlert, SetAlert, parse_alert
from tui.screens.typed_order import LEADS, parse_order

GRAMMAR = (
    "b .01 @bid po · s 25% mkt ro · b $500 @best-2t · b .1 @best tp 91000 sl 87000 · oco s .1 tp 91000 sl 86000\n"
    "scale b .5 87000..88000 x5 rising · chase b .1 within 50t · sl 84000 all · tp 91000 .1 · x all · lev 10 · flat"
)

_CANCELS = {"": "a", "all": "a", "buys": "b", "sells": "s", "orders": "k", "everywhere": "A"}
_ACTS = {"flat": "flatten", "flatten": "flatten", "reverse": "reverse", "rev": "reverse", "alerts": "screen_alerts"}

FIRST_WORDS = ("x", "lev", "alert", *_ACTS)
"""Of lines that are no orders."""


class PlaceOrder(Struct, frozen=True):
    draft: OrderDraft


class CancelMany(Struct, frozen=True):
    """``key`` picks the plan, as after ``X``."""

    key: str


class SetLeverage(Struct, frozen=True):
    """None is cross."""

    cap: Decimal | None


class DoAct(Struct, frozen=True):
    """An act of the registry by its id."""

    id: str


class TakeInHand(Struct, frozen=True):
    symbol: str


Command = SetAlert | DropAlert | PlaceOrder | CancelMany | SetLeverage | DoAct | TakeInHand


def parse_command(text: str, view: View) -> Command:
    """Raises ``ValueError`` with words for the screen."""
    first, *rest = text.lower().split() or [""]
    if first in LEADS:
        return PlaceOrder(parse_order(text, view, contracts(view)))
    if first == "x":
        return _cancel(rest)
    if first == "lev":
        return _leverage(rest)
    if first == "alert":
        return parse_alert(" ".join(rest), view.focus, contracts(view))
    if first in _ACTS and not rest:
        return DoAct(_ACTS[first])
    if not rest and (symbol := _contract(first, view)):
        return TakeInHand(symbol)
    raise ValueError(f"{text.strip() or 'nothing'} is not a command: {GRAMMAR}")


def _cancel(words: list[str]) -> CancelMany:
    word = " ".join(words)
    if word not in _CANCELS:
        raise ValueError("x what? all, buys, sells, orders (keeps protective stops) or everywhere")
    return CancelMany(_CANCELS[word])


def _leverage(words: list[str]) -> SetLeverage:
    if words == ["cross"]:
        return SetLeverage(None)
    if len(words) != 1:
        raise ValueError("lev 10 or lev cross")
    cap = parse_decimal(words[0].removesuffix("x"))
    if cap <= 0:
        raise ValueError("a leverage must be above zero")
    return SetLeverage(cap)


def _contract(word: str, view: View) -> str | None:
    """A symbol as the venue spells it, or the perpetual of a coin."""
    return contracts(view).get(word)


def contracts(view: View) -> dict[str, str]:
    """Symbols by what may be typed for them, in small letters."""
    symbols = view.state.instruments
    coins = {symbol[3:-3].lower(): symbol for symbol in symbols if symbol.startswith("PF_") and symbol.endswith("USD")}
    if "xbt" in coins:
        coins["btc"] = coins["xbt"]
    return {**coins, **{symbol.lower(): symbol for symbol in symbols}}
