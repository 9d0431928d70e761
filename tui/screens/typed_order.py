"""The grammar of a typed order, for the ``:`` line, the palette and ``kftui order``.

    [oco|scale|chase|bracket] buy|sell SIZE [CONTRACT] [@ PRICE | PRICE..PRICE] [TYPE] [ro] [tp PRICE]
        [sl PRICE [SIGNAL]] [xN] [rising] [within DISTANCE] [edits N]     in any order after the side
    sl|tp PRICE [SIZE]      closes the open position, or part of it

Pure: text in, a draft out. Sizes and prices stay texts, because the ticket's own reading of them judges them.
Invariant: a word that is not understood is an error at its place; none is passed over.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple, get_args

from tui.model.decimals import plain
from tui.model.draft import OrderDraft, ProgramWord
from tui.model.enums import OrderType, PositionSide, Side, TriggerSignal
from tui.model.view import View

SIDES = {"b": Side.BUY, "buy": Side.BUY, "s": Side.SELL, "sell": Side.SELL}
TYPES = {
    "lmt": OrderType.LIMIT,
    "limit": OrderType.LIMIT,
    "po": OrderType.POST,
    "post": OrderType.POST,
    "mkt": OrderType.MARKET,
    "market": OrderType.MARKET,
    "ioc": OrderType.IOC,
    "fok": OrderType.FOK,
}
STOPS = {"sl": OrderType.STOP, "stop": OrderType.STOP, "tp": OrderType.TAKE_PROFIT}
PROGRAMS: dict[str, ProgramWord] = {"bracket": "", **{word: word for word in get_args(ProgramWord) if word}}
LEADS = frozenset({*SIDES, *STOPS, *PROGRAMS})
"""First words of a line that is an order."""

PRICE_WORDS = ("best", "bid", "ask", "mid", "mark", "last", "index")
_PRICE = re.compile(r"(best|join|bid|ask|offer|mid|mark|last|index|spot)([+-].*)?")
_SIZE = re.compile(r"\$?[0-9.,_]+[a-z%$]*|all|max")
_TAKES_A_PRICE = {"tp": "take_profit", "target": "take_profit", "sl": "stop_loss", "stop": "stop_loss"}
_TAKES_A_TEXT = {"within": "within", "edits": "edits"}
_BARE = {"ro": "reduce_only", "rising": "rising"}
_WORDS = (*TYPES, *_TAKES_A_PRICE, *_TAKES_A_TEXT, *_BARE, "even")


class TypedError(ValueError):
    """``at``: index into the text of the word that is wrong; its end if a word is missing."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


class Word(NamedTuple):
    text: str
    at: int

    @property
    def end(self) -> int:
        return self.at + len(self.text)


def parse_order(text: str, view: View, symbols: Mapping[str, str]) -> OrderDraft:
    """``symbols``: contracts by what may be typed for them. Raises ``TypedError``."""
    words = [Word(found.group().lower(), found.start()) for found in re.finditer(r"\S+", text)]
    if words and words[0].text in STOPS:
        return _exit(words, view, len(text))
    return _Order(words, view, symbols, len(text)).draft()


def _exit(words: list[Word], view: View, end: int) -> OrderDraft:
    """``sl PRICE [size]``: closes (part of) the open position, by default all of it."""
    lead, *rest = words
    position = view.state.position(view.focus)
    if position is None:
        raise TypedError(f"there is no position in {view.focus} to protect", lead.at)
    if not rest or len(rest) > 2:
        at = rest[2].at if rest else end
        raise TypedError("say the trigger price and, if not all, the size: sl 84000 .1", at)
    side = Side.SELL if position.side is PositionSide.LONG else Side.BUY
    size = rest[1].text if len(rest) == 2 else "all"
    price = rest[0].text.removeprefix("@")
    return OrderDraft(view.focus, side, STOPS[lead.text], size=size, stop_price=price, reduce_only=True)


class _Order:
    """Reads the words of one order, each by what it is and where it stands."""

    def __init__(self, words: list[Word], view: View, symbols: Mapping[str, str], end: int) -> None:
        self._words = words
        self._view = view
        self._symbols = symbols
        self._end = end
        self._program: Word | None = None
        self._found: dict[str, tuple[str, Word]] = {}
        self._signal = TriggerSignal.MARK

    def draft(self) -> OrderDraft:
        words = self._words
        if words and words[0].text in PROGRAMS:
            self._program = words.pop(0)
        if not words or words[0].text not in SIDES:
            raise TypedError("buy or sell?", words[0].at if words else self._end)
        side = SIDES[words.pop(0).text]
        while words:
            self._take(words.pop(0))
        return self._made(side)

    # --- one word after the other ---------------------------------------------------------------------------------

    def _take(self, word: Word) -> None:
        text = word.text
        if text in TYPES:
            self._set("type", text, word)
        elif text in _BARE:
            self._set(_BARE[text], text, word)
        elif text == "even":
            return
        elif text in _TAKES_A_PRICE:
            self._exit_price(_TAKES_A_PRICE[text], word)
        elif text in _TAKES_A_TEXT:
            self._set(_TAKES_A_TEXT[text], self._next(word, f"{text} what?").text, word)
        elif re.fullmatch(r"x[0-9]+", text):
            self._set("count", text[1:], word)
        elif text in self._symbols and not self._is_unit(text):
            self._set("symbol", self._symbols[text], word)
        elif text.startswith("@"):
            self._price(self._next(word, "@ which price?") if text == "@" else Word(text[1:], word.at + 1))
        elif ".." in text:
            self._price(word)
        else:
            self._number(word)

    def _number(self, word: Word) -> None:
        """A size, then a price; ``0.1 xbt`` is one size."""
        if self._is_unit(word.text) and "size" in self._found:
            size, at = self._found["size"]
            self._found["size"] = size + word.text, at
        elif _SIZE.fullmatch(word.text) and "size" not in self._found:
            self._set("size", word.text, word)
        elif _SIZE.fullmatch(word.text) or _PRICE.fullmatch(word.text):
            if "limit_price" in self._found:
                raise TypedError(f"{word.text} is one word too many: size, then @price", word.at)
            self._price(word)
        else:
            raise TypedError(_unknown(word.text, (*_WORDS, *self._symbols)), word.at)

    def _price(self, word: Word) -> None:
        start, dots, end = word.text.partition("..")
        self._set("limit_price", start, word)
        if dots:
            self._set("to_price", end, word)

    def _exit_price(self, field: str, word: Word) -> None:
        price = self._next(word, f"{word.text} at which price?")
        self._set(field, price.text.removeprefix("@"), word)
        signals = [str(signal) for signal in TriggerSignal]
        if field == "stop_loss" and self._words and self._words[0].text in signals:
            self._signal = TriggerSignal(self._words.pop(0).text)

    def _next(self, word: Word, question: str) -> Word:
        if not self._words:
            raise TypedError(question, word.end)
        return self._words.pop(0)

    def _set(self, field: str, text: str, word: Word) -> None:
        before = self._found.get(field)
        if before is not None and before[0] != text:
            raise TypedError(f"{before[0]} and {text}: an order has one {field.replace('_', ' ')}", word.at)
        self._found[field] = text, word

    def _is_unit(self, word: str) -> bool:
        """Whether it is the coin of the contract in hand, as in ``0.1 xbt``."""
        instrument = self._view.state.instruments.get(self._view.focus)
        base = instrument.base.lower() if instrument is not None else ""
        return word in ({"xbt", "btc"} if base in {"xbt", "btc"} else {base})

    # --- all together ---------------------------------------------------------------------------------------------

    def _made(self, side: Side) -> OrderDraft:
        program = PROGRAMS[self._program.text] if self._program is not None else ""
        kind = self._kind(program)
        self._refuse_strangers(program)
        price = self._text("limit_price")
        if program == "oco":
            price = price or self._text("take_profit")
        return OrderDraft(
            self._text("symbol") or self._view.focus,
            side,
            kind,
            size=self._text("size") or self._clip(),
            limit_price="" if kind is OrderType.MARKET else price or "best",
            trigger_signal=self._signal,
            reduce_only="reduce_only" in self._found,
            stop_loss=self._text("stop_loss"),
            take_profit=self._text("take_profit") if program != "oco" else "",
            program=program,
            to_price=self._text("to_price"),
            count=self._text("count"),
            rising="rising" in self._found,
            within=self._text("within"),
            edits=self._text("edits"),
        )

    def _kind(self, program: ProgramWord) -> OrderType:
        default = OrderType.POST if program == "chase" else OrderType.LIMIT
        found = self._found.get("type")
        kind = TYPES[found[0]] if found is not None else default
        if found is None:
            return kind
        if kind is OrderType.MARKET and "limit_price" in self._found:
            at = self._found["limit_price"][1].at
            raise TypedError("a market order has no price: leave mkt or the price away", at)
        allowed = {"chase": (OrderType.POST,), "oco": (OrderType.LIMIT,), "scale": (OrderType.LIMIT, OrderType.POST)}
        if program and kind not in allowed[program]:
            raise TypedError(f"a {program} is made of {' or '.join(allowed[program])} orders", found[1].at)
        return kind

    def _refuse_strangers(self, program: ProgramWord) -> None:
        """Words that belong to another kind of order."""
        own = {
            "": {"stop_loss", "take_profit"},
            "oco": {"stop_loss", "take_profit"},
            "scale": {"to_price", "count", "rising"},
            "chase": {"within", "edits"},
        }
        lead = self._program.text if self._program is not None else "a plain order"
        for field in ("stop_loss", "take_profit", "to_price", "count", "rising", "within", "edits"):
            if field in self._found and field not in own[program]:
                raise TypedError(f"{self._found[field][1].text} does not belong to {lead}", self._found[field][1].at)
        if program == "scale" and not {"to_price", "count"} <= set(self._found):
            raise TypedError("a scale needs its range and how many: 87000..88000 x5", self._end)
        if program == "oco" and not ("stop_loss" in self._found and {"limit_price", "take_profit"} & set(self._found)):
            raise TypedError("an oco needs both its prices: tp 90000 sl 86000", self._end)
        if lead == "bracket" and not {"stop_loss", "take_profit"} & set(self._found):
            raise TypedError("a bracket needs a stop, a target or both: tp 90000 sl 87000", self._end)

    def _clip(self) -> str:
        clip: Decimal = self._view.clip
        if not clip or "symbol" in self._found:
            raise TypedError("which size?", self._end)
        return plain(clip)

    def _text(self, field: str) -> str:
        return self._found[field][0] if field in self._found else ""


def complete(text: str, symbols: Mapping[str, str], others: tuple[str, ...] = ()) -> tuple[str, ...]:
    """How the last word could go on, best first; ``others`` are first words that are no orders."""
    *before, last = text.lower().split(" ")
    before = [word for word in before if word]
    start = last.removeprefix("@")
    known = _possible(before, symbols, others, at_price=last.startswith("@"))
    if not start and known and before and before[-1] not in PROGRAMS and not _wants_price(before):
        return ()  # anything could follow: nothing is worth a line
    prefix = last[: len(last) - len(start)]
    return tuple(prefix + word for word in known if word.startswith(start) and word not in before and word != start)


def _possible(
    before: list[str], symbols: Mapping[str, str], others: tuple[str, ...], *, at_price: bool
) -> tuple[str, ...]:
    if not before:
        return ("buy", "sell", *PROGRAMS, "sl", "tp", *others)
    if before[-1] in PROGRAMS:
        return "buy", "sell"
    if before[0] not in LEADS or before[-1] in _TAKES_A_TEXT:
        return ()
    if at_price or _wants_price(before):
        return PRICE_WORDS
    return (*_WORDS, *sorted(symbols, key=len))


def _wants_price(before: list[str]) -> bool:
    return before[-1] in (*_TAKES_A_PRICE, "@")


def _unknown(word: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"{word} is not a word of an order" + (f"; did you mean {near[0]}?" if near else "")
