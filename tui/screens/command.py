"""Typed orders: ``b .01 @bid po``, ``s 25% mkt ro``, ``sl 84000 all``, ``x all``, ``lev 10``.

Pure: text in, a command out. Sizes and prices stay texts, because the ticket's own reading of them judges them.
Invariant: a command is a wish, never an act: every order goes through the confirm strip.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from tui.model.decimals import parse_decimal, plain
from tui.model.draft import OrderDraft
from tui.model.enums import OrderType, PositionSide, Side
from tui.model.view import View
from tui.screens.alert_line import DropAlert, SetAlert, parse_alert

GRAMMAR = "b .01 @bid po · s 25% mkt ro · b $500 @best-2t · sl 84000 all · tp 91000 .1 · x all · lev 10 · flat · eth"

_SIDES = {"b": Side.BUY, "buy": Side.BUY, "s": Side.SELL, "sell": Side.SELL}
_TYPES = {
    "lmt": OrderType.LIMIT,
    "limit": OrderType.LIMIT,
    "po": OrderType.POST,
    "post": OrderType.POST,
    "mkt": OrderType.MARKET,
    "market": OrderType.MARKET,
    "ioc": OrderType.IOC,
    "fok": OrderType.FOK,
}
_STOPS = {"sl": OrderType.STOP, "stop": OrderType.STOP, "tp": OrderType.TAKE_PROFIT}
_CANCELS = {"": "a", "all": "a", "buys": "b", "sells": "s", "orders": "k", "everywhere": "A"}
_ACTS = {"flat": "flatten", "flatten": "flatten", "reverse": "reverse", "rev": "reverse", "alerts": "screen_alerts"}


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
    if first in _SIDES:
        return PlaceOrder(_order(_SIDES[first], rest, view))
    if first in _STOPS:
        return PlaceOrder(_stop(_STOPS[first], rest, view))
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


def _order(side: Side, words: list[str], view: View) -> OrderDraft:
    """``[size] [@price] [type] [ro]`` in any order but size before a bare price; a price makes it a limit order."""
    numbers: list[str] = []
    price, kind, reduce_only = "", None, False
    for word in words:
        if word in _TYPES:
            kind = _only(kind, _TYPES[word])
        elif word == "ro":
            reduce_only = True
        elif word.startswith("@"):
            price = word[1:]
        else:
            numbers.append(word)
    if len(numbers) > 1 and not price:
        price = numbers.pop(1)
    if len(numbers) > 1:
        raise ValueError(f"{numbers[1]} is one word too many: size, then @price")
    kind = kind or OrderType.LIMIT
    if kind is OrderType.MARKET and price:
        raise ValueError("a market order has no price: leave mkt or the price away")
    price = "" if kind is OrderType.MARKET else price or "best"
    return OrderDraft(view.focus, side, kind, size=_size(numbers, view), limit_price=price, reduce_only=reduce_only)


def _stop(kind: OrderType, words: list[str], view: View) -> OrderDraft:
    """``sl PRICE [size]``: closes (part of) the open position, by default all of it."""
    position = view.state.position(view.focus)
    if position is None:
        raise ValueError(f"there is no position in {view.focus} to protect")
    if not words or len(words) > 2:
        raise ValueError("say the trigger price and, if not all, the size: sl 84000 .1")
    side = Side.SELL if position.side is PositionSide.LONG else Side.BUY
    size = words[1] if len(words) == 2 else "all"
    return OrderDraft(view.focus, side, kind, size=size, stop_price=words[0].removeprefix("@"), reduce_only=True)


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


def _size(numbers: list[str], view: View) -> str:
    return numbers[0] if numbers else plain(view.clip)


def _only(before: OrderType | None, now: OrderType) -> OrderType:
    if before is not None and before is not now:
        raise ValueError(f"{before} and {now}: an order has one type")
    return now


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
