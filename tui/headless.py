"""The commands that need no screen. Data goes to stdout, words to stderr; the caller turns errors into exit codes."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

import msgspec

from tui.check import Check, run_checks
from tui.logs import open_log
from tui.model.decimals import plain
from tui.model.errors import CredentialsError, DeskError, OutcomeUnknown
from tui.model.order import Accepted, CancelAllResult, Outcome, Refused, Unknown
from tui.model.state import LinkStatus, State
from tui.paths import Paths, find_paths
from tui.record import record
from tui.report import number, report, report_line
from tui.runtime import Runtime, open_runtime, wall_ms
from tui.settings import Settings, flatten_settings, load_settings
from tui.target import find_target

LIVE_S = 5.0
COALESCE_S = 0.05  # changes closer together than this make one line


def run(args: argparse.Namespace) -> int:
    """Run the command named in ``args``. Returns its exit code; raises DeskError for what can be said in words."""
    paths = find_paths()
    settings = load_settings(args.settings or paths.settings, required=args.settings is not None)
    if args.command == "config":
        return _config(paths, settings, args)
    try:
        paths.make()
    except OSError as error:
        raise DeskError(f"A folder of kftui cannot be made: {error}", "Set KFTUI_HOME to a folder you own") from None
    open_log(paths.log)
    commands = {
        "check": _check,
        "watch": _watch,
        "cancel-all": _cancel_all,
        "flatten": _flatten,
        "record": _record,
    }
    return asyncio.run(commands[args.command](paths, settings, args))


# --- check --------------------------------------------------------------------------------------------------------


async def _check(paths: Paths, _: Settings, args: argparse.Namespace) -> int:
    live = args.live or args.url is None
    checks: list[Check] = []
    async for check in run_checks(lambda: find_target(paths, live=live, url=args.url, profile=args.profile), wall_ms):
        checks.append(check)
        if not args.json:
            advice = f". {check.advice}" if check.advice else ""
            _say(f"{'ok  ' if check.ok else 'FAIL'}  {check.name:<12} {check.found}{advice}")
    good = all(check.ok for check in checks)
    if args.json:
        _say(json.dumps({"ok": good, "checks": [msgspec.to_builtins(check) for check in checks]}))
    return 0 if good else 1


# --- watch --------------------------------------------------------------------------------------------------------


async def _watch(paths: Paths, settings: Settings, args: argparse.Namespace) -> int:
    target = find_target(paths, live=args.live, url=args.url, profile=args.profile)
    async with open_runtime(target, settings) as runtime:
        runtime.watch(None)
        if args.once:
            await _complete(runtime)
            _line(runtime.state)
            return 0
        changed = asyncio.Event()
        runtime.subscribe(lambda _urgent: changed.set())
        last: object = None
        while True:
            state = runtime.state
            now = _lasting(state)
            if now != last:
                last = now
                _line(state)
            await changed.wait()
            await asyncio.sleep(COALESCE_S)
            changed.clear()


async def _complete(runtime: Runtime) -> None:
    """Until the first whole refresh has landed and the stream is live; without a stream, REST has to do."""
    await runtime.usable()
    changed = asyncio.Event()
    unsubscribe = runtime.subscribe(lambda _urgent: changed.set())
    try:
        async with asyncio.timeout(LIVE_S):
            while runtime.state.link.status is not LinkStatus.LIVE:
                await changed.wait()
                changed.clear()
    except TimeoutError:
        _warn("the stream is not live; this is what REST says")
    finally:
        unsubscribe()


def _lasting(state: State) -> dict[str, object]:
    """What a change of is worth a line: all but the clock and the ages."""
    told = report(state, 0)
    return {**told, "at": None, "link": state.link.status}


def _line(state: State) -> None:
    sys.stdout.buffer.write(report_line(state, wall_ms()) + b"\n")
    sys.stdout.flush()


# --- the doors out ------------------------------------------------------------------------------------------------


async def _cancel_all(paths: Paths, settings: Settings, args: argparse.Namespace) -> int:
    """Cancels first and asks nothing: no wait for state, which an emergency may not have."""
    target = find_target(paths, live=args.live, url=args.url, profile=args.profile)
    async with open_runtime(target, settings) as runtime:
        answer = await runtime.cancel_all(args.symbol)
        if isinstance(answer, Unknown):
            raise OutcomeUnknown(
                f"Nobody answered: {answer.explanation}", "Run the command again: cancelling twice is safe"
            )
        if isinstance(answer, Refused):
            raise DeskError(answer.explanation, answer.advice)
        _say(_cancelled(answer, args.symbol, as_json=args.json))
    return 0


def _cancelled(result: CancelAllResult, symbol: str | None, *, as_json: bool) -> str:
    if as_json:
        return json.dumps({"status": result.status, "symbol": symbol, "cancelled": list(result.order_ids)})
    where = f" in {symbol}" if symbol else ""
    if not result.order_ids:
        return f"No working orders{where}"
    return "\n".join([f"{len(result.order_ids)} orders cancelled{where}", *result.order_ids])


async def _flatten(paths: Paths, settings: Settings, args: argparse.Namespace) -> int:
    target = find_target(paths, live=args.live, url=args.url, profile=args.profile)
    async with open_runtime(target, settings) as runtime:
        await runtime.usable()
        symbols = [one.symbol for one in runtime.state.positions if args.symbol in (None, one.symbol)]
        if not symbols:
            _say(
                json.dumps({"closed": []}) if args.json else f"No position{f' in {args.symbol}' if args.symbol else ''}"
            )
            return 0
        outcomes = {symbol: await runtime.flatten(symbol) for symbol in symbols}
    if args.json:
        _say(msgspec.json.encode({"closed": [_closed(*one) for one in outcomes.items()]}).decode())
    else:
        for symbol, outcome in outcomes.items():
            _say(f"{symbol}  {_closed_words(outcome)}")
    if any(isinstance(outcome, Unknown) for outcome in outcomes.values()):
        raise OutcomeUnknown("An order to close may have been sent and nobody answered", "Look with kftui watch --once")
    return 1 if any(isinstance(outcome, Refused) for outcome in outcomes.values()) else 0


def _closed(symbol: str, outcome: Outcome) -> dict[str, object]:
    match outcome:
        case Accepted():
            return {"symbol": symbol, "status": outcome.status, "filled": number(outcome.filled)}
        case Refused():
            return {"symbol": symbol, "status": outcome.status, "why": _closed_words(outcome)}
        case Unknown():
            return {"symbol": symbol, "status": "unknown", "why": _closed_words(outcome)}


def _closed_words(outcome: Outcome) -> str:
    match outcome:
        case Accepted():
            return f"{outcome.status}, filled {plain(outcome.filled)}"
        case Refused():
            return f"refused: {outcome.explanation}. {outcome.advice}"
        case Unknown():
            return f"unknown: {outcome.explanation}"


async def _record(paths: Paths, settings: Settings, args: argparse.Namespace) -> int:
    target = find_target(paths, live=args.live, url=args.url, profile=args.profile)
    return await record(target, settings, file=args.file, for_ms=args.for_ms, contract=args.symbol, limit_mb=args.limit)


# --- record and config ----------------------------------------------------------------------------------------------


def _config(paths: Paths, settings: Settings, args: argparse.Namespace) -> int:
    file = args.settings or paths.settings
    defaults = dict(flatten_settings(Settings()))
    rows = [
        (name, value, "default" if defaults.get(name) == value else "file")
        for name, value in flatten_settings(settings)
    ]
    where = {
        "settings": file,
        "data": paths.data,
        "paper account": paths.paper_state,
        "log": paths.log,
        "exchange log": paths.exchange_log,
    }
    keys = _keys_from(paths, args.profile)
    if args.json:
        told = {name: {"value": _plain(value), "from": source} for name, value, source in rows}
        files = {name: str(path) for name, path in where.items()}
        _say(json.dumps({"files": files, "live keys": keys, "settings": told}))
        return 0
    for name, path in where.items():
        _say(f"{name:<32} {path}")
    _say(f"{'live keys':<32} {keys}")
    _say("")
    for name, value, source in rows:
        _say(f"{name:<32} {_plain(value)!s:<24} {source if source == 'default' else file}")
    return 0


def _keys_from(paths: Paths, profile: str | None) -> str:
    try:
        return find_target(paths, live=True, url=None, profile=profile).keys_from
    except CredentialsError as error:
        return f"none: {error}"


def _plain(value: object) -> object:
    return msgspec.to_builtins(value)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _warn(text: str) -> None:
    sys.stderr.write(f"kftui: {text}\n")
