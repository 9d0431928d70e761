"""The doors out: cancel many, panic, dead man's switch, key mode, leaving.

Invariant: each works with nothing but the keyboard and a few rows of screen; each says what it will take
before it does, and what became of it after.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import assert_never

from tui.model.enums import Environment
from tui.model.errors import DeskError
from tui.model.order import Accepted, CancelRequest, Order, Outcome, Refused, Unknown
from tui.model.view import KeyMode
from tui.screens.cancels import CancelPlan, cancel_plans
from tui.screens.confirm import (
    Leaving,
    ModeName,
    cancel_choice,
    dead_man_content,
    leave_content,
    live_word,
    mode_choice,
    panic_word,
    strip_stops,
)
from tui.screens.outcome import outcome_words
from tui.screens.sender import as_outcome
from tui.screens.strip import Strip, TypedStrip
from tui.screens.tools import Tools


class SafetyActs:
    """``leave`` ends the app."""

    def __init__(
        self,
        tools: Tools,
        *,
        armed_for_s: int,
        dead_man_s: int,
        leave: Callable[[], None],
    ) -> None:
        self._desk = tools.desk
        self._stage = tools.stage
        self._sender = tools.sender
        self._armed_for_s = armed_for_s
        self._dead_man_s = dead_man_s
        self._leave = leave

    # --- cancel many -----------------------------------------------------------------------------------------------

    def cancel_many(self) -> None:
        if self._sender.may_send():
            self._stage.ask(Strip(cancel_choice, self._stage.view), self._cancel_chosen)

    def cancel_by_key(self, key: str) -> None:
        """The plan of one key of ``cancel_many``, without the choice."""
        view = self._stage.view
        if self._sender.may_send():
            self._cancel_chosen(cancel_plans(view.state, view.focus)[key])

    def _cancel_chosen(self, plan: CancelPlan) -> None:
        if plan.stripped:
            self._stage.ask(Strip(lambda view: strip_stops(view, plan), self._stage.view), self._cancel_plan)
        else:
            self._cancel_plan(plan)

    def _cancel_plan(self, plan: CancelPlan) -> None:
        if plan.everything:
            what = f"CANCEL {plan.label}{f' on {plan.symbol}' if plan.symbol else ''}"
            self._sender.act(f"cancel {plan.symbol}", what, lambda: self._desk.cancel_all(plan.symbol))
        elif plan.orders:
            self._stage.spawn(self._cancel_each(plan))
        else:
            self._stage.say(f"No {plan.label} to cancel. Nothing was sent", "information")

    async def _cancel_each(self, plan: CancelPlan) -> None:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._cancel_one(order)) for order in plan.orders]
        outcomes = [task.result() for task in tasks]
        done = sum(isinstance(outcome, Accepted) for outcome in outcomes)
        refused = sum(isinstance(outcome, Refused) for outcome in outcomes)
        unknown = len(outcomes) - done - refused
        text = f"CANCEL {plan.label}: {done} of {len(outcomes)} cancelled"
        text += f", {refused} refused" if refused else ""
        text += f", {unknown} UNRESOLVED, the desk is asking" if unknown else ""
        self._stage.report(text, "information" if done == len(outcomes) else "warning")

    async def _cancel_one(self, order: Order) -> Outcome:
        try:
            return await self._desk.cancel(CancelRequest(order.symbol, order.order_id or None, order.client_order_id))
        except DeskError as error:
            return as_outcome(error)

    # --- panic -----------------------------------------------------------------------------------------------------

    def panic(self) -> None:
        if self._sender.may_send():
            self._stage.ask(TypedStrip("FLAT", panic_word, self._stage.view), lambda _: self._stage.spawn(self._flat()))

    async def _flat(self) -> None:
        """Cancel everything, then close every position; a step that fails does not stop the next."""
        try:
            cancelled = await self._desk.cancel_all(None)
        except DeskError as error:
            cancelled = as_outcome(error)
        self._stage.report(*outcome_words("PANIC cancel all", cancelled))
        async with asyncio.TaskGroup() as group:
            for position in self._desk.state.positions:
                group.create_task(self._close(position.symbol))

    async def _close(self, symbol: str) -> None:
        try:
            outcome = await self._desk.flatten(symbol)
        except DeskError as error:
            outcome = as_outcome(error)
        self._stage.report(*outcome_words(f"PANIC flatten {symbol}", outcome))

    # --- dead man's switch -----------------------------------------------------------------------------------------

    def dead_man(self) -> None:
        if self._sender.may_send():
            strip = Strip(lambda view: dead_man_content(view, self._dead_man_s), self._stage.view)
            self._stage.ask(strip, self._arm)

    def _arm(self, timeout_s: int) -> None:
        what = f"Dead man's switch {f'armed for {timeout_s} s' if timeout_s else 'disarmed'}"
        self._sender.act("dead man", what, lambda: self._desk.arm_dead_man(timeout_s))

    # --- key mode --------------------------------------------------------------------------------------------------

    def mode(self) -> None:
        view = self._stage.view
        self._stage.ask(Strip(lambda now: mode_choice(now, self._armed_for_s), view), self._chosen, "")

    def _chosen(self, name: ModeName) -> None:
        """On the live account the way out of view mode is one act more: the word LIVE."""
        view = self._stage.view
        if view.state.environment is Environment.LIVE and view.mode.name == "view" and name != "view":
            strip = TypedStrip("LIVE", lambda now: live_word(now, name), view)
            self._stage.ask(strip, lambda _: self._set_mode(name), "The key mode is still view.")
        else:
            self._set_mode(name)

    def _set_mode(self, name: ModeName) -> None:
        until = self._desk.now_ms() + self._armed_for_s * 1000 if name == "armed" else None
        self._stage.set_mode(KeyMode(name, until))
        self._stage.say(f"Key mode: {name}", "warning" if name == "armed" else "information")

    # --- leaving ---------------------------------------------------------------------------------------------------

    def quit(self) -> None:
        state = self._desk.state
        is_armed = state.dead_man.fires_at_ms is not None
        if (state.orders or state.unresolved or is_armed) and state.can_trade:
            strip = Strip(lambda view: leave_content(view, self._dead_man_s), self._stage.view)
            self._stage.ask(strip, self._leaving, "")
        else:
            self._leave()

    def _leaving(self, how: Leaving) -> None:
        match how:
            case "keep":
                self._leave()
            case "disarm":
                self._stage.spawn(self._arm_and_leave(0))
            case "cancel":
                self._stage.spawn(self._cancel_and_leave())
            case "dead man":
                self._stage.spawn(self._arm_and_leave(self._dead_man_s))
            case _:
                assert_never(how)

    async def _cancel_and_leave(self) -> None:
        try:
            outcome = await self._desk.cancel_all(None)
        except DeskError as error:
            outcome = as_outcome(error)
        self._leave_unless_failed("CANCEL all", outcome)

    async def _arm_and_leave(self, timeout_s: int) -> None:
        try:
            outcome = await self._desk.arm_dead_man(timeout_s, keep=False)
        except DeskError as error:
            outcome = as_outcome(error)
        self._leave_unless_failed("Dead man's switch", outcome)

    def _leave_unless_failed(self, what: str, outcome: object) -> None:
        if isinstance(outcome, Refused | Unknown):
            text, severity = outcome_words(what, outcome)
            self._stage.report(f"{text} The desk stays open; q asks again.", severity)
        else:
            self._leave()
