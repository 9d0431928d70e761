"""What a trader types for a price or a size, turned into an exact number on the contract's grid.

Words (``bid``, ``@ask+2t``, ``mark-0.5%``, ``$500``, ``25%``, ``all``, ``max``) are computed; only their results are
rounded: prices to the side that crosses less, sizes down. Invariant: a number that was typed as a number is never
changed; if it does not fit the grid, the checks refuse it by name.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from tui.model.decimals import HUNDRED, ZERO, ceil_to, floor_to
from tui.model.describe import number, size_text
from tui.model.enums import DeviationUnit, Side
from tui.model.instrument import Instrument
from tui.service.ground import Ground
from tui.service.marking import same_coin

LARGEST = Decimal(10) ** 15
"""No price or size of any listed contract comes near; beyond it grid arithmetic would leave its 28 digits."""

_NUMBER = re.compile(r"[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+(_[0-9]+)*)?(\.[0-9]*)?")
_PRICE_WORD = re.compile(r"@?\s*([a-z]+)\s*(?:([+-])\s*([0-9.]+)\s*(t|ticks?|%))?")
_SIZE_UNIT = re.compile(r"([0-9.,_]+)\s*([a-z]+)")
_CENT = Decimal("0.01")
_DOLLARS = ("usd", "dollars")
_PRICE_WORDS = "bid, ask, best, mid, mark, last or index"


class EntryError(ValueError):
    """What was typed cannot be used; the text is for the screen."""


def typed_number(text: str) -> Decimal:
    """A plain number, exactly as typed. Commas only mark thousands; ``0,1`` is refused rather than read as 1."""
    cleaned = text.strip()
    if not cleaned:
        raise EntryError("type a number")
    if not _NUMBER.fullmatch(cleaned) or not any(sign.isdigit() for sign in cleaned):
        hint = " (a point marks decimals, commas only thousands)" if "," in cleaned else ""
        raise EntryError(f"{cleaned} is not a number{hint}")
    try:
        typed = Decimal(cleaned.replace(",", "").replace("_", ""))
    except InvalidOperation:
        raise EntryError(f"{cleaned} is not a number") from None
    if abs(typed) >= LARGEST:
        raise EntryError(f"{cleaned} is too large")
    return typed


def price(text: str, ground: Ground, side: Side) -> Decimal:
    """A price for an order of ``side``: a number as typed, or a word with an offset, rounded to cross less."""
    cleaned = text.strip().lower()
    if not cleaned:
        raise EntryError("type a price")
    bare = cleaned.removeprefix("@").strip()
    if not bare[:1].isalpha():
        typed = typed_number(bare)
        if typed <= 0:
            raise EntryError("a price must be above zero")
        return typed
    match = _PRICE_WORD.fullmatch(cleaned)
    if match is None:
        raise EntryError(
            f"{text.strip()} is not a price: a number, or {_PRICE_WORDS} with an offset such as +2t or -0.5%"
        )
    word, sign, amount, unit = match.groups()
    result = _quoted(word, ground, side)
    if amount:
        result += _offset(typed_number(amount), unit, result, ground.instrument) * (1 if sign == "+" else -1)
    rounded = ground.instrument.passive_price(side, result)
    if rounded <= 0:
        raise EntryError(f"{text.strip()} comes to {number(rounded)}, and a price must be above zero")
    return rounded


def size(
    text: str, ground: Ground, side: Side, *, at: Decimal | None, largest: Decimal | None, closing: bool
) -> Decimal:
    """A size in contracts. ``at`` is the price that dollars and coin are turned at, ``largest`` the largest size the
    margin carries; ``closing``: percentages are of the position and not of that largest size.
    """
    cleaned = text.strip().lower()
    if not cleaned:
        raise EntryError("type a size")
    instrument, held = ground.instrument, max(-ground.holding.size * side.sign, ZERO)
    if cleaned == "all":
        if not held:
            raise EntryError(f"there is no position that a {side} closes; max is the largest order")
        return held
    if cleaned == "max" or cleaned.endswith("%"):
        whole = held if closing else largest
        percent = HUNDRED if cleaned == "max" else typed_number(cleaned[:-1])
        return _part(text.strip(), percent, whole, instrument, closing=closing)
    if cleaned.startswith("$") or cleaned.endswith("$"):
        return _from_dollars(text.strip(), typed_number(cleaned.strip("$")), instrument, at)
    unit = _SIZE_UNIT.fullmatch(cleaned)
    if unit is not None:
        return _from_unit(text.strip(), typed_number(unit.group(1)), unit.group(2), instrument, at)
    typed = typed_number(cleaned)
    if typed <= 0:
        raise EntryError("a size must be above zero")
    return typed


def distance(text: str, unit: DeviationUnit) -> Decimal:
    """A trailing distance in ``unit``. A sign that says another unit is refused, not dropped."""
    cleaned = text.strip().lower()
    if unit is DeviationUnit.PERCENT:
        if "$" in cleaned:
            raise EntryError("the distance is in percent; choose the other unit for dollars")
        return typed_number(cleaned.removesuffix("%"))
    if "%" in cleaned:
        raise EntryError("the distance is in dollars; choose the other unit for percent")
    return typed_number(cleaned.removeprefix("$"))


def nearest(wanted: Decimal, step: Decimal) -> tuple[Decimal, Decimal]:
    """The grid values around ``wanted``; the lower one is never below one step."""
    return max(floor_to(wanted, step), step), max(ceil_to(wanted, step), step)


def _quoted(word: str, ground: Ground, side: Side) -> Decimal:
    ticker = ground.ticker
    match word:
        case "bid":
            found = ground.best(Side.BUY)
        case "ask" | "offer":
            found = ground.best(Side.SELL)
        case "best" | "join":
            found = ground.best(side)
        case "mid":
            found = ground.mid
        case "mark":
            found = ground.mark
        case "last":
            found = ticker.last if ticker else None
        case "index" | "spot":
            found = ticker.index if ticker else None
        case _:
            raise EntryError(f"{word} is not a price word; known are {_PRICE_WORDS}")
    if found is None:
        raise EntryError(f"there is no {word} now")
    return found


def _offset(amount: Decimal, unit: str, base: Decimal, instrument: Instrument) -> Decimal:
    return base * amount / HUNDRED if unit == "%" else amount * instrument.tick_size


def _part(text: str, percent: Decimal, whole: Decimal | None, instrument: Instrument, *, closing: bool) -> Decimal:
    if not ZERO < percent <= HUNDRED:
        raise EntryError("a percentage must be above 0 and at most 100")
    if whole is None:
        raise EntryError("the largest size is not known yet (no account, mark or price); type a size")
    result = instrument.whole_lots(whole * percent / HUNDRED)
    if not result:
        what = "the position" if closing else "the available margin"
        raise EntryError(f"{text} of {what} is less than one lot of {size_text(instrument.lot_step, instrument)}")
    return result


def _from_dollars(text: str, dollars: Decimal, instrument: Instrument, at: Decimal | None) -> Decimal:
    if dollars <= 0:
        raise EntryError("a size must be above zero")
    if instrument.is_inverse:
        raw = dollars / instrument.contract_size
    elif at is None:
        raise EntryError("dollars need a price to become a size; there is none yet")
    else:
        raw = dollars / (at * instrument.contract_size)
    return _whole(text, raw, instrument, at)


def _from_unit(text: str, amount: Decimal, unit: str, instrument: Instrument, at: Decimal | None) -> Decimal:
    if unit in _DOLLARS:
        return _from_dollars(text, amount, instrument, at)
    if not same_coin(unit, instrument.base):
        raise EntryError(f"{unit} is not a unit of {instrument.symbol}; use contracts, {instrument.base} or $")
    if amount <= 0:
        raise EntryError("a size must be above zero")
    if not instrument.is_inverse:
        return amount / instrument.contract_size
    if at is None:
        raise EntryError("coin needs a price to become contracts; there is none yet")
    return _whole(text, amount * at / instrument.contract_size, instrument, at)


def _whole(text: str, raw: Decimal, instrument: Instrument, at: Decimal | None) -> Decimal:
    result = instrument.whole_lots(raw)
    if not result:
        lot = instrument.lot_step
        worth = f", {number(round(instrument.notional_usd(lot, at), 2), _CENT)} USD" if at else ""
        raise EntryError(f"{text} is less than one lot ({size_text(lot, instrument)}{worth})")
    return result
