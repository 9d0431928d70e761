"""The dead man's switch: the venue cancels everything unless the desk keeps saying that it is there.

Invariants: it is renewed only while the stream is live, since a desk that cannot see must let it fire; it is never
shown as off while it may be armed by this desk.
"""

from __future__ import annotations

import asyncio

from tui.client.venue import Venue
from tui.model.order import Refused, Unknown
from tui.model.state import AlarmKind, DeadMan, LinkStatus
from tui.service import answers
from tui.service.store import Store

RENEWALS = 4  # a 60 s switch is renewed every 15 s, as the venue advises
ANSWER_S = 10.0
AGAIN_S = 5.0


class DeadManSwitch:
    """``arm`` is the trader's; ``keep`` runs beside the data service until cancelled.

    To set a timer twice is to set it once: what was not answered is told again until it is, unlike an order. Meanwhile
    the switch counts as armed, since it may be.
    """

    def __init__(self, venue: Venue, store: Store, *, answer_s: float = ANSWER_S) -> None:
        self._venue = venue
        self._store = store
        self._answer_s = answer_s
        self._one_at_a_time = asyncio.Lock()
        self._wanted = asyncio.Event()
        self._told = asyncio.Event()  # by the trader: the time until the next renewal begins anew
        self._timeout_s = 0  # what ``keep`` tells the venue, while ``_wanted`` is set

    async def arm(self, timeout_s: int, *, keep: bool = True) -> Refused | Unknown | None:
        """All orders are cancelled ``timeout_s`` after the last renewal; 0 disarms. ``keep``: renew it from here.

        None when the venue has done it.
        """
        store = self._store
        if store.view_only is not None:
            refusal = Refused("view only", f"Nothing can be sent: {store.view_only}", by_desk=True)
            answers.complain(store.ledger, refusal, store.clock())
            store.announce()
            return refusal
        async with self._one_at_a_time:
            answer = await self._tell(timeout_s)
            if isinstance(answer, Refused):
                return answer
            self._timeout_s = timeout_s
            self._told.set()
            if (keep and timeout_s) or (not timeout_s and answer is not None):
                self._wanted.set()
            else:
                self._wanted.clear()
            return answer

    async def keep(self) -> None:
        """Renew while armed and while the stream is live; tell again, sooner, what was not answered."""
        while True:
            await self._wanted.wait()
            self._told.clear()
            dead_man = self._store.ledger.dead_man
            try:
                async with asyncio.timeout(dead_man.timeout_s / RENEWALS if dead_man.is_certain else AGAIN_S):
                    await self._told.wait()
            except TimeoutError:
                async with self._one_at_a_time:
                    await self._renew()

    async def _renew(self) -> None:
        ledger = self._store.ledger
        if ledger.dead_man.fires_at_ms is None:
            self._wanted.clear()  # it fired, or was disarmed
        elif self._wanted.is_set() and (ledger.link.link.status is LinkStatus.LIVE or not self._timeout_s):
            await self._tell(self._timeout_s)

    async def _tell(self, timeout_s: int) -> Refused | Unknown | None:
        store = self._store
        asked_ms, before = store.clock(), store.ledger.dead_man
        earliest_ms = before.fires_at_ms or (asked_ms + timeout_s * 1000 if timeout_s else None)
        latest_ms = max(before.latest_ms or 0, asked_ms + round((timeout_s + self._answer_s) * 1000))
        self._show(DeadMan(earliest_ms, timeout_s or before.timeout_s, is_certain=False, latest_ms=latest_ms))
        answer = await answers.within(self._answer_s, self._venue.cancel_all_after(timeout_s))
        if isinstance(answer, Refused):
            self._show(before)
            return self._failed(answer, f"Could not {_verb(timeout_s)} the dead man's switch: {answer.explanation}")
        if isinstance(answer, Unknown):
            text = f"No answer when told to {_verb(timeout_s)} the dead man's switch: take it for armed"
            return self._failed(answer, text) if before.is_certain else answer
        if not timeout_s:
            self._show(DeadMan(None, before.timeout_s))
            return None
        skew_ms = store.ledger.clock_skew_ms or 0
        fires_at_ms = answer - skew_ms if answer is not None else store.clock() + timeout_s * 1000
        self._show(DeadMan(fires_at_ms, timeout_s))
        return None

    def _failed(self, answer: Refused | Unknown, text: str) -> Refused | Unknown:
        self._store.ledger.alarms.error(AlarmKind.REFUSED, text, self._store.clock())
        self._store.ledger.urgent = True
        self._store.announce()
        return answer

    def _show(self, dead_man: DeadMan) -> None:
        self._store.ledger.dead_man = dead_man
        self._store.announce()


def _verb(timeout_s: int) -> str:
    return "arm" if timeout_s else "disarm"
