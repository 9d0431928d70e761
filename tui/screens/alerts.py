"""The alerts of one desk: which are set, which have sounded, and a log of everything that was told.

Time and state come in; what is to be told comes out. Invariants: an alert that was typed sounds once and is gone; one
of the settings sounds once and then again only after it was untrue by a margin; the log is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from msgspec.structs import replace

from tui.model.alert import Alert, Said, Watched, is_met, one_line, value_of
from tui.model.decimals import plain
from tui.model.state import Alarm, State
from tui.screens.alert_line import AlertCommand, DropAlert, SetAlert

KEPT = 200
MOST = 50
SLACK = Decimal("0.02")
PRICE, FUNDING, MARGIN = "price", "funding", "margin"
_KINDS = {Watched.LEVEL: MARGIN, Watched.FUNDING: FUNDING}


class TooMany(ValueError):
    """There are ``MOST`` alerts already; the text is for the screen."""


class Alerts:
    """``typed`` and ``said`` are kept from the last session; ``standing`` come from the settings."""

    def __init__(self, typed: Iterable[Alert] = (), said: Iterable[Said] = (), standing: Iterable[Alert] = ()) -> None:
        self.standing: tuple[Alert, ...] = tuple(standing)
        self.said: tuple[Said, ...] = tuple(said)[-KEPT:]
        self._set(tuple(typed))
        self._sounded: set[Alert] = set()
        self._state: State | None = None

    def _set(self, typed: tuple[Alert, ...]) -> None:
        self.typed = typed
        self.all = (*typed, *self.standing)

    def add(self, alert: Alert, state: State, now_ms: int) -> Alert:
        """Raises ``ValueError`` with words for the screen, also for what is so already: it would sound at once."""
        if len(self.typed) >= MOST:
            raise TooMany(f"{MOST} alerts are set already: alert off and a number drops one")
        if is_met(alert, state):
            raise ValueError(f"{one_line(alert)} is so already: it is {_now(alert, state)}")
        number = 1 + max((one.number for one in self.typed), default=0)
        named = replace(alert, number=number, set_ms=now_ms)
        self._set((*self.typed, named))
        return named

    def drop(self, number: int | None) -> int:
        """Forget one alert that was typed, or all. Returns how many went."""
        kept = () if number is None else tuple(one for one in self.typed if one.number != number)
        gone = len(self.typed) - len(kept)
        self._set(kept)
        return gone

    def obey(self, command: AlertCommand, state: State, now_ms: int) -> str:
        """What was done, in words. Raises ``ValueError`` as ``add`` does."""
        match command:
            case SetAlert(wanted):
                alert = self.add(wanted, state, now_ms)
                return f"Alert {alert.number}: {one_line(alert)}"
            case DropAlert(number):
                gone = self.drop(number)
                return f"{gone} alert{'' if gone == 1 else 's'} dropped" if gone else "No such alert is set"

    def look(self, state: State, now_ms: int) -> list[Said]:
        """What has come true since the last look. The lines are in the log already."""
        if state is self._state:
            return []
        self._state = state
        met = [alert for alert in self.typed if is_met(alert, state)]
        if met:
            self._set(tuple(alert for alert in self.typed if alert not in met))
        for alert in self.standing:
            if alert in self._sounded:
                if _is_over(alert, state):
                    self._sounded.discard(alert)
            elif is_met(alert, state):
                self._sounded.add(alert)
                met.append(alert)
        news = [Said(now_ms, _KINDS.get(alert.watched, PRICE), _told(alert, state), "warning") for alert in met]
        self._keep(news)
        return news

    def note(self, alarm: Alarm) -> None:
        """Something that the desk itself raised: it stands in the same log."""
        self._keep([Said(alarm.at_ms, alarm.kind.value, alarm.text, alarm.severity)])

    def _keep(self, news: list[Said]) -> None:
        if news:
            self.said = (*self.said, *news)[-KEPT:]


def _told(alert: Alert, state: State) -> str:
    return f"{one_line(alert)}: it is {_now(alert, state)}"


def _now(alert: Alert, state: State) -> str:
    """The number as the trader reads it: a level in whole percent, funding in four places, a price as it came."""
    value = value_of(alert, state)
    if value is None:
        return "unknown"
    if alert.watched is Watched.LEVEL:
        return f"{value:,.0f} %"
    return f"{value:+.4f} %/h" if alert.watched is Watched.FUNDING else f"{Decimal(plain(value)):,f}"


def _is_over(alert: Alert, state: State) -> bool:
    """Untrue, and by more than the number's own trembling."""
    now, slack = value_of(alert, state), abs(alert.threshold) * SLACK
    if now is None:
        return False
    return now < alert.threshold - slack if alert.is_above else now > alert.threshold + slack
