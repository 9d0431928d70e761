"""The only place where numbers become text.

Invariant: a number is written in full or not at all: no exponent, no cut digits, no minus zero. A missing number is
``NONE``, never 0. Signs are always written where a sign matters, so that colour may be lost without loss.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from msgspec import Struct

NONE = "-"
UP, DOWN, LEVEL = "▲", "▼", " "

_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000


class Format(Struct, frozen=True):
    """How this trader likes numbers: ``thousands`` separates groups of three digits, ``zone`` is for clock times."""

    thousands: str = ","
    zone: tzinfo = UTC

    def number(self, value: Decimal | None, places: int) -> str:
        """Fixed ``places`` after the point: ``87,959.50``."""
        if value is None:
            return NONE
        text = format(value, f",.{places}f")
        if text[0] == "-" and not any(digit in text for digit in "123456789"):
            text = text[1:]
        return text if self.thousands == "," else text.replace(",", self.thousands)

    def signed(self, value: Decimal | None, places: int) -> str:
        """As ``number`` with its sign always written; zero has none."""
        text = self.number(value, places)
        return f"+{text}" if value is not None and value > 0 and _has_digit(text) else text

    def percent(self, value: Decimal | None, places: int = 1) -> str:
        return NONE if value is None else f"{self.number(value, places)} %"

    def signed_percent(self, value: Decimal | None, places: int = 1) -> str:
        return NONE if value is None else f"{self.signed(value, places)} %"

    def thousands_of(self, count: int) -> str:
        """A whole number with its groups apart."""
        return self.number(Decimal(count), 0)

    def compact(self, value: Decimal | None) -> str:
        """Three or four leading digits with a unit, for volumes: ``1.24 B``, ``312 K``. Never for money of ours."""
        if value is None:
            return NONE
        for limit, unit in ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K")):
            if abs(value) >= limit:
                scaled = value / limit
                return f"{self.number(scaled, 1 if abs(scaled) >= 100 else 2)} {unit}"
        return self.number(value, 2)

    def clock(self, at_ms: int | None, *, millis: bool = False) -> str:
        """``14:58:02`` in the trader's zone."""
        if at_ms is None:
            return NONE
        at = datetime.fromtimestamp(at_ms / 1000, self.zone)
        return f"{at:%H:%M:%S}.{at_ms % 1000:03d}" if millis else f"{at:%H:%M:%S}"

    def date_clock(self, at_ms: int | None) -> str:
        """``11-22 14:58:02`` in the trader's zone."""
        return NONE if at_ms is None else f"{datetime.fromtimestamp(at_ms / 1000, self.zone):%m-%d %H:%M:%S}"


PLAIN = Format()


def zone_of(name: str) -> tzinfo:
    """``UTC``, ``local`` (this machine's), or a zone by its name, such as ``Europe/Berlin``."""
    if name == "UTC":
        return UTC
    if name == "local":
        return datetime.now().astimezone().tzinfo or UTC
    return ZoneInfo(name)


def arrow(value: Decimal | None) -> str:
    """▲ above zero, ▼ below, a space for zero or nothing: stands beside every coloured number."""
    if not value:
        return LEVEL
    return UP if value > 0 else DOWN


def age(ms: int | None) -> str:
    """``14 ms``, ``3 s``, ``1:02``, ``1:02:03``, ``2 d 03:04``. A clock that ran backwards reads as 0."""
    if ms is None:
        return NONE
    ms = max(0, ms)
    if ms < _SECOND:
        return f"{ms} ms"
    if ms < _MINUTE:
        return f"{ms // _SECOND} s"
    return duration(ms)


def duration(ms: int | None) -> str:
    """A running clock: ``0:14``, ``2:11:40``, ``3 d 04:05``; nothing negative."""
    if ms is None:
        return NONE
    ms = max(0, ms)
    days, rest = divmod(ms, _DAY)
    hours, minutes, seconds = rest // _HOUR, rest // _MINUTE % 60, rest // _SECOND % 60
    if days:
        return f"{days} d {hours:02d}:{minutes:02d}"
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def short_name(symbol: str) -> str:
    """``XBT`` for ``PF_XBTUSD``: perpetual linear contracts are what is traded most; others keep their full name."""
    return symbol[3:-3] if symbol.startswith("PF_") and symbol.endswith("USD") and len(symbol) > 6 else symbol


def printable(text: str) -> str:
    """Text from outside, made harmless for a terminal: control characters and line breaks become spaces."""
    return text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)


def _has_digit(text: str) -> bool:
    return any(digit in text for digit in "123456789")


CASH = frozenset({"USD", "EUR", "GBP", "USDT", "USDC", "CHF", "CAD", "AUD", "JPY"})
COIN_PLACES = 5
FINE_COIN_PLACES = 8  # a satoshi: for fees, funding and wallets


def money(
    value: Decimal | None,
    currency: str | None,
    fmt: Format = PLAIN,
    *,
    sign: bool = False,
    places: int = 2,
    coin_places: int = COIN_PLACES,
    always_named: bool = False,
) -> str:
    """An amount with its currency behind it; plain USD is not named unless ``always_named``.

    ``places`` after the point for cash, ``coin_places`` for coin.
    """
    if value is None:
        return NONE
    cash = currency is None or currency.upper() in CASH
    digits = places if cash else coin_places
    text = fmt.signed(value, digits) if sign else fmt.number(value, digits)
    named = currency is not None and (always_named or currency.upper() != "USD")
    return f"{text} {currency}" if named else text
