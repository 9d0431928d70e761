"""What the strips say: for an order, a cancel, the key mode, the dead man's switch, panic and leaving.

Pure: a view in, content out. Invariant: the text names what the key's value would do, made from that very value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual.content import Content

from tui.model.describe import one_line
from tui.model.draft import Assessment, OrderDraft
from tui.model.enums import Environment
from tui.model.instrument import Instrument
from tui.model.order import Order, OrderRequest
from tui.model.program import Program
from tui.model.view import View
from tui.screens.cancels import CancelPlan, cancel_plans, protects
from tui.screens.consequences import strip_lines
from tui.screens.strip import Choice, StripContent
from tui.widgets.format import PLAIN, Format, duration

ModeName = Literal["view", "confirm", "armed"]
Leaving = Literal["keep", "disarm", "cancel", "dead man"]


@dataclass(frozen=True, slots=True)
class SendOrder:
    request: OrderRequest
    accept_doubts: bool
    program: Program | None = None


@dataclass(frozen=True, slots=True)
class ToTicket:
    """Nothing is sent; the same order is opened in the ticket."""

    draft: OrderDraft


OrderAnswer = SendOrder | ToTicket


def titled(view: View, text: str) -> str:
    """``PAPER · text``: the word of the environment stands on every strip."""
    return f"{view.state.environment.upper()} · {text}"


def tone(view: View) -> str:
    return "live" if view.state.environment is Environment.LIVE else "paper"


def order_content(
    view: View, heading: str, assessment: Assessment, draft: OrderDraft | None, fmt: Format = PLAIN
) -> StripContent[OrderAnswer]:
    """``enter`` sends; with doubts ``y`` sends instead; with errors nothing does. ``t`` opens the ticket."""
    request = assessment.request
    instrument = view.state.instruments.get(request.symbol if request else draft.symbol if draft else view.focus)
    choices: list[Choice[OrderAnswer]] = []
    lines: tuple[Content, ...] = strip_lines(assessment, instrument, fmt)
    if request is not None and not assessment.errors:
        lines = (*order_lines(assessment, instrument), *lines)
        doubtful = bool(assessment.doubts)
        label = "send in spite of the doubt" if doubtful else "send"
        choices.append(Choice("y" if doubtful else "enter", label, SendOrder(request, doubtful, assessment.program)))
    if draft is not None:
        choices.append(Choice("t", "ticket", ToTicket(draft)))
    return StripContent(titled(view, heading), lines, tuple(choices), tone(view))


def order_lines(assessment: Assessment, instrument: Instrument | None) -> tuple[Content, ...]:
    """The very thing that would be sent; of a program, all of it, and where it lives."""
    if assessment.what:
        first, *more = assessment.what
        return Content.styled(first, "bold"), *(Content.styled(line, "$accent") for line in more)
    return (Content.styled(one_line(assessment.request, instrument), "bold"),) if assessment.request else ()


def cancel_choice(view: View) -> StripContent[CancelPlan]:
    """The second key of ``X``: how many orders each choice takes, and the stops it would strip."""
    plans = cancel_plans(view.state, view.focus)
    lines = []
    for key, plan in plans.items():
        count = f"{len(plan.orders)} order{'' if len(plan.orders) == 1 else 's'}"
        stops = f", strips {len(plan.stripped)} protective" if plan.stripped else ""
        lines.append(Content.assemble((key, "$accent bold"), f" {plan.label}: {count}", (stops, "$warn bold")))
    choices = tuple(Choice(key, "", plan) for key, plan in plans.items())
    return StripContent(titled(view, f"Cancel on {view.focus}"), tuple(lines), choices, tone(view))


def strip_stops(view: View, plan: CancelPlan) -> StripContent[CancelPlan]:
    """Asked only when protective stops would go: names each."""
    instruments = view.state.instruments
    lines: list[Content] = [Content.styled(f"This takes {len(plan.stripped)} protective stop(s) away:", "$warn bold")]
    lines += [Content(f"  {one_line(order, instruments.get(order.symbol))}") for order in plan.stripped]
    choice = Choice("enter", f"cancel {plan.label}, stops too", plan)
    return StripContent(titled(view, f"Cancel {plan.label}"), tuple(lines), (choice,), "warn")


def cancel_content(view: View, order: Order) -> StripContent[Order]:
    """``x`` where one key is not enough."""
    lines = [Content.styled(one_line(order, view.state.instruments.get(order.symbol)), "bold")]
    position = view.state.position(order.symbol)
    stops = protects(order, view.state)
    if stops and position is not None:
        lines.append(Content.styled(f"This stop protects your {position.side} {order.symbol}.", "$warn bold"))
    tone_of = "warn" if stops else tone(view)
    return StripContent(titled(view, "Cancel"), tuple(lines), (Choice("enter", "cancel it", order),), tone_of)


def pull_content(view: View, orders: tuple[Order, ...]) -> StripContent[tuple[Order, ...]]:
    """All orders at one price, protective stops among them."""
    lines = [Content.styled(one_line(order, view.state.instruments.get(order.symbol)), "bold") for order in orders]
    stops = sum(protects(order, view.state) for order in orders)
    lines.append(Content.styled(f"{stops} of them protect{'s' if stops == 1 else ''} your position.", "$warn bold"))
    return StripContent(titled(view, "Cancel"), tuple(lines), (Choice("enter", "cancel them", orders),), "warn")


def mode_choice(view: View, armed_for_s: int) -> StripContent[ModeName]:
    lines = (
        Content.assemble(("v", "$accent bold"), " view: keys send nothing"),
        Content.assemble(("c", "$accent bold"), " confirm: a strip shows each order, enter sends it"),
        Content.assemble(
            ("a", "$accent bold"), f" armed: b s B S send at one key for {armed_for_s} s; doubts still ask"
        ),
    )
    choices: tuple[Choice[ModeName], ...] = (
        Choice("v", "", "view"),
        Choice("c", "", "confirm"),
        Choice("a", "", "armed"),
    )
    return StripContent(titled(view, f"Key mode, now {view.mode.name}"), lines, choices, tone(view))


def live_word(view: View, mode: str) -> StripContent[bool]:
    lines = (
        Content.styled(f"This is the LIVE account at {view.state.url}.", "$live bold"),
        Content(f"In {mode} mode your keys send real orders."),
    )
    return StripContent(titled(view, f"To {mode} mode"), lines, (), "live")


def panic_word(view: View) -> StripContent[bool]:
    state = view.state
    flat = ", ".join(f"{position.side} {position.size:f} {position.symbol}" for position in state.positions)
    lines = (
        Content.styled(f"PANIC: cancel all {len(state.orders)} orders on every contract, stops too,", "$down bold"),
        Content.styled(f"then close at market: {flat or 'no position known'}.", "$down bold"),
    )
    return StripContent(titled(view, "Panic"), lines, (), "warn")


def dead_man_content(view: View, timeout_s: int) -> StripContent[int]:
    """Answers the timeout to arm with; 0 disarms."""
    if view.state.dead_man.fires_at_ms is not None:
        texts = ["The dead man's switch is armed. Disarmed, your orders stay when this desk dies."]
        choice = Choice("enter", "disarm", 0)
    else:
        texts = [
            f"Armed, the venue cancels ALL orders of the account unless this desk renews it within {timeout_s} s:",
            f"{_working(view)} now, and whatever other programs and desks have placed by then.",
            "The desk renews it only while its feeds are healthy.",
        ]
        choice = Choice("enter", "arm", timeout_s)
    lines = tuple(Content(text) for text in texts)
    return StripContent(titled(view, "Dead man's switch"), lines, (choice,), tone(view))


def leave_content(view: View, dead_man_s: int) -> StripContent[Leaving]:
    """Asked at ``q`` while orders work or the dead man's switch is armed."""
    fires_at_ms = view.state.dead_man.fires_at_ms
    lines = [
        Content.styled(f"{_working(view)}.", "bold"),
        Content(f"{len(view.state.unresolved)} unresolved." if view.state.unresolved else "Nothing is unresolved."),
    ]
    lines += [
        Content.styled(f"{line.kind} on {line.symbol}, {line.doing}: places nothing more while no desk runs.", "$warn")
        for line in view.state.programs
    ]
    choices: list[Choice[Leaving]] = [Choice("k", "keep them and quit", "keep")]
    if fires_at_ms is not None:
        left = duration(fires_at_ms - view.now_ms)
        lines.append(Content(f"The dead man's switch is armed: left so, the venue cancels all orders in {left}."))
        choices = [Choice("k", "disarm, keep them and quit", "disarm"), Choice("l", "leave all as it is", "keep")]
    choices += [
        Choice("c", "cancel all and quit", "cancel"),
        Choice("d", f"leave a {dead_man_s} s dead man's switch", "dead man"),
    ]
    return StripContent(titled(view, "Quit"), tuple(lines), tuple(choices), tone(view))


def _working(view: View) -> str:
    orders, stops = view.state.orders, sum(order.type.is_trigger for order in view.state.orders)
    return f"{len(orders)} working orders, {stops} of them stops"
