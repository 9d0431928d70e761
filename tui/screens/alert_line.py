"""Alerts as they are typed, on the ``:`` line and in the settings: ``[contract] [what] > number``.

Pure: words in, a wish out. Invariant: a word that is not understood is an error, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from tui.model.alert import Alert, Watched
from tui.model.decimals import parse_decimal
from tui.model.errors import SettingsError

ALERTS = "alert > 90000 · alert eth mark < 2800 · alert level < 300 · alert funding > .01 · alert off 2"

_SIGNS = {">": True, ">=": True, "above": True, "<": False, "<=": False, "below": False}
_WATCHED = {watched.value: watched for watched in Watched}
_SUCH_AS = 'Such as "PF_XBTUSD > 90000" or "level < 300"'
_SIGN = re.compile(r"(>=|<=|>|<)")


class SetAlert(Struct, frozen=True):
    alert: Alert


class DropAlert(Struct, frozen=True):
    """None: all of them."""

    number: int | None


AlertCommand = SetAlert | DropAlert


def parse_alert(text: str, focus: str, spelled: Mapping[str, str]) -> AlertCommand:
    """``text`` without the word ``alert``. ``spelled`` maps what may be typed for a contract, in small letters, to its
    symbol. Raises ``ValueError`` with words for the screen.
    """
    words = _SIGN.sub(r" \1 ", text.lower()).split()
    if words[:1] == ["off"]:
        return DropAlert(_numbered(words[1:]))
    place = next((place for place, word in enumerate(words) if word in _SIGNS), None)
    if place is None or len(words) != place + 2:
        raise ValueError(f"an alert is what, > or <, and a number: {ALERTS}")
    threshold = parse_decimal(words[-1].removesuffix("%"))
    watched, symbol = _subject(words[:place], focus, spelled)
    if watched is not Watched.FUNDING and threshold <= 0:
        raise ValueError("the number must be above zero")
    return SetAlert(Alert(watched, symbol, _SIGNS[words[place]], threshold))


def standing_alerts(lines: Iterable[str]) -> tuple[Alert, ...]:
    """Alerts of the settings file, where a contract is named by its whole symbol. Raises ``SettingsError``."""
    alerts = []
    for line in lines:
        spelled = {word.lower(): word.upper() for word in line.split() if "_" in word}
        try:
            command = parse_alert(line, "", spelled)
        except ValueError as error:
            raise SettingsError(f"In the settings, alerts.standing, {line}: {error}", _SUCH_AS) from None
        if not isinstance(command, SetAlert) or not (command.alert.symbol or command.alert.watched is Watched.LEVEL):
            raise SettingsError(f"In the settings, alerts.standing: {line} names no contract", _SUCH_AS)
        alerts.append(command.alert)
    return tuple(alerts)


def _subject(words: list[str], focus: str, spelled: Mapping[str, str]) -> tuple[Watched, str]:
    """What is looked at, and the contract: the one in hand and its last price unless said otherwise."""
    watched, symbol = Watched.LAST, focus
    for word in words:
        if word in _WATCHED:
            watched = _WATCHED[word]
        elif word in spelled:
            symbol = spelled[word]
        else:
            raise ValueError(f"{word} is neither a contract nor one of {', '.join(Watched)}")
    return watched, "" if watched is Watched.LEVEL else symbol


def _numbered(words: list[str]) -> int | None:
    if not words:
        return None
    if len(words) > 1 or not words[0].isdecimal():
        raise ValueError("alert off, or alert off and its number: alert off 2")
    return int(words[0])
