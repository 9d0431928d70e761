"""The dead man's switch: the venue cancels everything unless the desk keeps saying that it is there.

Invariant: it is renewed only while the stream is live. A desk that cannot see must let it fire.
"""

from __future__ import annotations

import asyncio

from tui.client.venue import Venue
from tui.model.errors import DeskError
from tui.model.order import Refused, Unknown
from tui.model.state import AlarmKind, DeadMan, LinkStatus
from tui.service import answers
from tui.service.store import Store

RENEWALS = 4  # a 60 s switch is renewed every 15 s, as the venue advises
ANSWER_S = 10.0


class DeadManSwitch:
    """``arm`` is the trader's; ``keep`` runs beside the data service until cancelled."""

    def __init__(self, venue: Venue, store: Store, *, answer_s: float = ANSWER_S) -> None:
        self._venue = venue
        self._store = store
        self._answer_s = answer_s
        self._kept = asyncio.Event()

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
        answer = await self._ask(timeout_s)
        if isinstance(answer, (Refused, Unknown)):
            return self._failed(answer, "arm" if timeout_s else "disarm")
        if not timeout_s:
            self._kept.clear()
            self._show(DeadMan(None, store.ledger.dead_man.timeout_s))
            return None
        skew_ms = store.ledger.clock_skew_ms or 0
        fires_at_ms = answer - skew_ms if answer is not None else store.clock() + timeout_s * 1000
        self._show(DeadMan(fires_at_ms, timeout_s))
        if keep:
            self._kept.set()
        else:
            self._kept.clear()
        return None

    async def keep(self) -> None:
        """Renew while armed and while the stream is live; a failed renewal is tried again at the next turn."""
        while True:
            await self._kept.wait()
            ledger = self._store.ledger
            await asyncio.sleep(ledger.dead_man.timeout_s / RENEWALS)
            if ledger.dead_man.fires_at_ms is None:
                self._kept.clear()
            elif self._kept.is_set() and ledger.link.link.status is LinkStatus.LIVE:
                await self.arm(ledger.dead_man.timeout_s)

    async def _ask(self, timeout_s: int) -> int | Refused | Unknown | None:
        try:
            async with asyncio.timeout(self._answer_s):
                return await self._venue.cancel_all_after(timeout_s)
        except (DeskError, TimeoutError) as error:
            return Unknown(str(error) or f"no answer within {self._answer_s:g} s")

    def _failed(self, answer: Refused | Unknown, verb: str) -> Refused | Unknown:
        text = f"Could not {verb} the dead man's switch: {answer.explanation}"
        self._store.ledger.alarms.error(AlarmKind.REFUSED, text, self._store.clock())
        self._store.ledger.urgent = True
        self._store.announce()
        return answer

    def _show(self, dead_man: DeadMan) -> None:
        self._store.ledger.dead_man = dead_man
        self._store.announce()
