"""Price-time matching: who trades with whom, at what price, when one order arrives.

Fill price is the maker's. Only the book changes here; what a hit means for the account is ``execution``'s.
Invariant: hits come in price-time order, and their lots plus the remainder equal what arrived.
"""

from dataclasses import dataclass, field

from tui.exchange.book import Book, Key

REJECT_TAKER = "REJECT_TAKER"
SELF_TRADE_STRATEGIES = (REJECT_TAKER, "CANCEL_MAKER_SELF", "CANCEL_MAKER_CHILD", "CANCEL_MAKER_ANY")


@dataclass(frozen=True, slots=True)
class Hit:
    """One maker traded with. ``maker`` is whose order it was, or None for the crowd."""

    maker: Key | None
    tick: int
    lots: int


@dataclass(slots=True)
class Match:
    """``self_hit``: the taker met an order of its own account and was stopped there.
    ``removed``: own makers taken out of the way instead, by id.
    """

    remaining: int
    hits: list[Hit] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    self_hit: bool = False


def preview(book: Book, side: str, lots: int, limit_tick: int | None, *, account: str, strategy: str) -> Match:
    """What ``match`` would do for an order of ``account``, without doing it (``removed`` stays empty)."""
    result = Match(lots)
    resting = book.against(side)
    for tick in resting.ticks():
        if limit_tick is not None and _beyond(side, tick, limit_tick):
            break
        for key, present in resting.levels[tick].queue:
            if key is not None and key.account == account:
                if strategy == REJECT_TAKER:
                    result.self_hit = True
                    return result
                continue
            taken = min(present, result.remaining)
            result.hits.append(Hit(key, tick, taken))
            result.remaining -= taken
            if not result.remaining:
                return result
    return result


def match(
    book: Book,
    side: str,
    lots: int,
    limit_tick: int | None,
    *,
    account: str | None = None,
    strategy: str = REJECT_TAKER,
) -> Match:
    """Trade ``lots`` of ``account`` (None = the crowd) against the book up to ``limit_tick`` (None = any price)."""
    result = Match(lots)
    resting = book.against(side)
    while result.remaining and (tick := resting.best) is not None:
        if limit_tick is not None and _beyond(side, tick, limit_tick):
            break
        maker = resting.front(tick)
        if maker is not None and maker.account == account:
            if strategy == REJECT_TAKER:
                result.self_hit = True
                break
            resting.resize(tick, maker, 0)
            result.removed.append(maker.order_id)
            continue
        key, taken = resting.take_front(tick, result.remaining)
        result.remaining -= taken
        result.hits.append(Hit(key, tick, taken))
    return result


def _beyond(side: str, tick: int, limit_tick: int) -> bool:
    return tick > limit_tick if side == "buy" else tick < limit_tick
