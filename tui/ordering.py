"""``kftui order``: a typed order without a screen. It shows what would be done, asks, and sends that very thing once.

Invariant: what is sent is what was shown; without a yes, said or given beforehand, nothing is sent.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from contextlib import suppress
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from tui.logs import open_log
from tui.model.decimals import plain
from tui.model.describe import number, one_line, price_text, size_text
from tui.model.draft import Assessment, Impact, OrderDraft
from tui.model.errors import DeskError, OutcomeUnknown, SettingsError
from tui.model.instrument import Instrument
from tui.model.order import Accepted, OrderRequest, Outcome, Refused, Unknown
from tui.model.program import Chase, Linked, Standing
from tui.model.state import LinkStatus
from tui.model.view import View
from tui.paths import find_paths
from tui.runtime import Runtime, open_runtime
from tui.screens.command import contracts
from tui.screens.typed_order import TypedError, parse_order
from tui.settings import Settings, load_settings
from tui.target import find_target

LIVE_S = 5.0
_YES = frozenset({"y", "yes"})


def run(args: argparse.Namespace) -> int:
    """Returns the exit code; raises ``DeskError`` for what can be said in words."""
    paths = find_paths()
    settings = load_settings(args.settings or paths.settings, required=args.settings is not None)
    paths.make()
    open_log(paths.log)
    target = find_target(paths, live=args.live, url=args.url, profile=args.profile)

    async def main() -> int:
        async with open_runtime(target, settings) as runtime:
            return await _order(runtime, settings, " ".join(args.text), args)

    return asyncio.run(main())


async def _order(runtime: Runtime, settings: Settings, text: str, args: argparse.Namespace) -> int:
    await runtime.usable()
    draft = _read(runtime, settings, text)
    await _see(runtime, draft.symbol)
    verdict = runtime.assess(draft)
    instrument = runtime.state.instruments.get(draft.symbol)
    _warn("\n".join(preview_lines(verdict, instrument)))
    if verdict.request is None or verdict.errors:
        raise DeskError("The order cannot be sent", "The lines above say why")
    if verdict.doubts and args.yes and not args.accept_doubts:
        raise DeskError("There are doubts, and --yes alone does not answer them", "Add --accept-doubts to send it")
    if not args.yes and not await _agreed(doubtful=bool(verdict.doubts)):
        _warn("nothing was sent")
        return 1
    return await _send(runtime, verdict.request, verdict, as_json=args.json)


def _read(runtime: Runtime, settings: Settings, text: str) -> OrderDraft:
    view = View(runtime.state, runtime.now_ms(), settings.desk.focus, Decimal(0))
    try:
        draft = parse_order(text, view, contracts(view))
    except TypedError as error:
        raise SettingsError(
            f"{error}\n  {text}\n  {' ' * error.at}^", "kftui order --help shows how orders are written"
        ) from None
    return replace(draft, client_order_id=runtime.new_client_order_id())


async def _see(runtime: Runtime, symbol: str) -> None:
    """Wait for the contract's book and a live stream, but not for long: what is missing becomes a doubt."""
    runtime.watch(symbol)
    changed = asyncio.Event()
    unsubscribe = runtime.subscribe(lambda _urgent: changed.set())
    with suppress(TimeoutError):
        async with asyncio.timeout(LIVE_S):
            while symbol not in runtime.state.books or runtime.state.link.status is not LinkStatus.LIVE:
                changed.clear()
                await changed.wait()
    unsubscribe()


async def _agreed(*, doubtful: bool) -> bool:
    if not sys.stdin.isatty():
        raise SettingsError("Nobody is there to be asked", "With --yes it is sent without a question")
    question = "send in spite of the doubt? [y/N] " if doubtful else "send? [y/N] "
    sys.stderr.write(question)
    sys.stderr.flush()
    return (await asyncio.to_thread(sys.stdin.readline)).strip().lower() in _YES


# --- sending ------------------------------------------------------------------------------------------------------


async def _send(runtime: Runtime, request: OrderRequest, verdict: Assessment, *, as_json: bool) -> int:
    program, doubtful = verdict.program, bool(verdict.doubts)
    if isinstance(program, Linked | Chase):
        return await _look_after(runtime, program, verdict, as_json=as_json)
    if program is not None:
        return _told(await runtime.run_program(program, accept_doubts=doubtful), verdict, as_json=as_json)
    return _told(await runtime.submit(request, accept_doubts=doubtful), verdict, as_json=as_json)


async def _look_after(runtime: Runtime, program: Standing, verdict: Assessment, *, as_json: bool) -> int:
    """Stay until the program is over, unless a desk on this machine looks after it."""
    keeping = asyncio.create_task(runtime.programs.run())
    try:
        code = _told(await runtime.run_program(program, accept_doubts=bool(verdict.doubts)), verdict, as_json=as_json)
        if code:
            return code
        _warn("looking after it until it is over; ctrl+c leaves: what is placed stays, the next desk goes on with it")
        ended = asyncio.create_task(runtime.programs.over(program))
        await asyncio.wait({keeping, ended}, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            await keeping  # it broke: its error is what happened
        _warn("it is over" if await ended else "the desk that is running looks after it")
        return 0
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


def _told(outcome: Outcome, verdict: Assessment, *, as_json: bool) -> int:
    """Print what came of it. Raises ``OutcomeUnknown`` if nobody answered."""
    if isinstance(outcome, Unknown):
        raise OutcomeUnknown(
            f"It may have been sent and nobody answered: {outcome.explanation}",
            "Do not send it again; kftui watch --once shows whether it works",
        )
    if as_json:
        sys.stdout.write(json.dumps(_fields(outcome, verdict)) + "\n")
    elif isinstance(outcome, Accepted):
        filled = f", filled {plain(outcome.filled)}" if outcome.filled else ""
        sys.stdout.write(f"{outcome.order_id or ''} {outcome.status}{filled}".strip() + "\n")
    sys.stdout.flush()
    if isinstance(outcome, Refused):
        if not as_json:
            raise DeskError(f"Refused: {outcome.explanation}", outcome.advice)
        return 1
    return 0


def _fields(outcome: Accepted | Refused, verdict: Assessment) -> dict[str, object]:
    request = verdict.request
    told: dict[str, object] = {
        "status": outcome.status,
        "order_id": outcome.order_id,
        "client_order_id": request.client_order_id if request else None,
    }
    if isinstance(outcome, Accepted):
        told["filled"] = plain(outcome.filled)
    else:
        told["why"] = outcome.explanation
    return {**told, "request": msgspec.to_builtins(request)}


# --- words --------------------------------------------------------------------------------------------------------


def preview_lines(verdict: Assessment, instrument: Instrument | None) -> tuple[str, ...]:
    """What would be done and what it would do, then what stands against it."""
    lines = list(verdict.what)
    if not lines and verdict.request is not None:
        lines.append(one_line(verdict.request, instrument))
    preview = verdict.preview
    if preview is not None:
        places = 2 if preview.currency == "USD" else 8
        fees = " / ".join(
            f"{name} {number(round(fee, places))}"
            for name, fee in (("maker", preview.fee_maker), ("taker", preview.fee_taker))
            if fee is not None
        )
        sweep = preview.execution
        if sweep.average is not None:
            average = number(round(sweep.average, 2))
            lines.append(f"fills {size_text(sweep.filled, instrument)} now at {average} on average")
        lines.append(f"worth {number(round(preview.size_usd, 2))} USD, {preview.effect}, fee {fees} {preview.currency}")
        lines += _changes(preview.before, preview.after, preview.currency, instrument)
    lines += [f"cannot be sent: {error.message}" for error in verdict.errors]
    lines += [f"doubt: {doubt}" for doubt in verdict.doubts]
    lines += [f"note: {warning}" for warning in verdict.warnings]
    return tuple(lines)


def _changes(before: Impact, after: Impact, currency: str, instrument: Instrument | None) -> list[str]:
    def money(value: Decimal | None) -> str:
        return "-" if value is None else f"{number(round(value, 2 if currency == 'USD' else 6))} {currency}"

    def level(impact: Impact) -> str:
        return "-" if impact.level_pct is None else f"{number(impact.level_pct.quantize(Decimal(1)))} %"

    def price(impact: Impact) -> str:
        found = impact.liquidation_price
        return "none" if found is None else price_text(round(found, 2), instrument)

    rows = (
        ("position", size_text(before.position, instrument), size_text(after.position, instrument)),
        ("margin level", level(before), level(after)),
        ("liquidation price", price(before), price(after)),
        ("available", money(before.available), money(after.available)),
    )
    return [f"{name:<18} {now} -> {then}" for name, now, then in rows]


def _warn(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
