from __future__ import annotations

from decimal import Decimal

from tui.model.enums import Side
from tui.model.market import Candle, PublicTrade
from tui.service.candles import KEPT, MINUTE_MS, CandleHolder


def candle(minute: int, close: str = "100", volume: str = "1") -> Candle:
    price = Decimal(close)
    return Candle(minute * MINUTE_MS, price, price, price, price, Decimal(volume))


def trade(at_ms: int, price: str, size: str = "1") -> PublicTrade:
    return PublicTrade("PF_XBTUSD", f"t-{at_ms}-{price}", Side.BUY, Decimal(price), Decimal(size), at_ms)


def test_trades_extend_the_running_candle_and_open_the_next() -> None:
    holder = CandleHolder()
    holder.seed([candle(1), candle(2)], answered_ms=2 * MINUTE_MS + 1000, since_then=[])
    holder.trade(trade(2 * MINUTE_MS + 2000, "103"))
    holder.trade(trade(2 * MINUTE_MS + 3000, "99", "0.5"))
    holder.trade(trade(3 * MINUTE_MS, "101"))
    running, opened = holder.view()[-2:]
    assert running == Candle(2 * MINUTE_MS, Decimal(100), Decimal(103), Decimal(99), Decimal(99), Decimal("2.5"))
    assert opened == candle(3, "101")


def test_a_trade_that_history_holds_already_is_not_counted_again() -> None:
    holder = CandleHolder()
    late = trade(MINUTE_MS + 900, "200")
    new = trade(MINUTE_MS + 1100, "101")
    holder.seed([candle(1)], answered_ms=MINUTE_MS + 1000, since_then=[late, new])
    assert holder.view() == (Candle(MINUTE_MS, Decimal(100), Decimal(101), Decimal(100), Decimal(101), Decimal(2)),)


def test_a_later_answer_replaces_what_trades_built() -> None:
    holder = CandleHolder()
    holder.seed([candle(1)], answered_ms=MINUTE_MS, since_then=[])
    holder.trade(trade(MINUTE_MS + 10, "150"))
    holder.seed([candle(1, "120", "7")], answered_ms=2 * MINUTE_MS, since_then=[])
    assert holder.view() == (candle(1, "120", "7"),)


def test_without_history_there_is_no_candle() -> None:
    holder = CandleHolder()
    holder.trade(trade(MINUTE_MS, "100"))
    assert holder.view() == ()


def test_an_old_minute_is_not_reopened_and_the_past_is_bounded() -> None:
    holder = CandleHolder()
    holder.seed([candle(minute) for minute in range(1, KEPT + 50)], answered_ms=0, since_then=[])
    holder.trade(trade(5 * MINUTE_MS, "1"))
    assert len(holder.view()) == KEPT
    assert holder.view()[-1] == candle(KEPT + 49)
    assert holder.view() is holder.view()
