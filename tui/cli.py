"""The commands: parsing of arguments and nothing else.

stdout carries data, stderr carries words. What a command needs is imported when it runs, so that ``--help`` and the
desk's first paint do not wait for the rest.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tui.model.errors import (
    AuthenticationRefused,
    CredentialsError,
    DeskError,
    NotPermitted,
    OutcomeUnknown,
    SettingsError,
    Unreachable,
)
from tui.version import program_version

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = ("send", "flatten", "edit", "cancel", "cancel-all", "leverage")
MEANS_LIVE = ("check", "login", "logout", "config")  # where neither --live nor --url is given
VERDICTS = ("accepted", "refused", "unknown", "not-sent", "settled")

OK, FAILED, USAGE, CREDENTIALS, UNREACHABLE, UNKNOWN = range(6)

_EXIT_CODES = """exit codes:
  0 done   1 refused, failed or a check did not hold   2 bad usage or settings   3 no usable keys
  4 the venue cannot be reached, nothing was sent      5 something may have been sent and no answer came"""

_EXAMPLES = """examples:
  kftui                                      the desk on your own paper exchange
  kftui --live                               the desk on the live account
  kftui --url http://127.0.0.1:8750          the desk on any server that speaks the protocol
  kftui exchange --port 8750                 a paper exchange for other programs
  kftui login                                keep API keys in the system's keyring
  kftui check                                are my keys good?
  kftui watch --once | jq .positions         the merged state as JSON
  kftui --record bug.kftui.gz                the desk, with everything it hears and says kept in a file
  kftui order "buy 0.1 xbt @ 88000 post"     a typed order, shown before it is sent
  kftui replay bug.kftui.gz --speed 5        the same desk again, from that file
  kftui journal fills --since 30d --csv      fills, also older than the venue keeps them

"""


def build_parser() -> argparse.ArgumentParser:
    """The whole command line. ``args.command`` is None for the desk."""
    parser = argparse.ArgumentParser(
        prog="kftui",
        description="A trader's desk in a terminal for Kraken Futures. Without arguments it opens on a local paper "
        "exchange that it starts itself.",
        epilog=_EXAMPLES + _EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"kftui {program_version()}")
    _add_target(parser)
    parser.add_argument("--view", action="store_true", help="look only: nothing can be sent until the mode is changed")
    parser.add_argument(
        "--also-trade", action="store_true", help="trade even if another desk on this machine trades on the account"
    )
    parser.add_argument("--record", type=Path, metavar="FILE", help="keep all that is heard and said, without the keys")
    parser.set_defaults(live=False, url=None, profile=None, settings=None)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    exchange = commands.add_parser(
        "exchange",
        help="run the paper exchange in the foreground",
        description="Runs the paper exchange; its own options follow, see kftui exchange --help.",
        add_help=False,
        prefix_chars="\0",  # every option belongs to the exchange's own parser
    )
    exchange.add_argument("options", nargs=argparse.REMAINDER)

    check = _command(
        commands, "check", "test keys, permissions and clock, one line each", "kftui check --url http://127.0.0.1:8750"
    )
    check.add_argument("--json", action="store_true", help="print the results as one JSON object")
    _add_target(check)

    watch = _command(commands, "watch", "print the merged state as JSON lines", "kftui watch --live --once")
    watch.add_argument(
        "--once", action="store_true", help="print one object as soon as the state is complete, then exit"
    )
    _add_target(watch)

    cancel = _command(commands, "cancel-all", "cancel all working orders", "kftui cancel-all --live --symbol PF_XBTUSD")
    cancel.add_argument("--symbol", help="only this contract")
    cancel.add_argument("--json", action="store_true", help="print the result as one JSON object")
    _add_target(cancel)

    order = _command(
        commands,
        "order",
        "send a typed order: what it would do is shown, then it asks",
        'kftui order "buy 0.1 xbt @ 88000 post tp 90000 sl 87000"',
    )
    order.add_argument(
        "text",
        nargs="+",
        help="as after : on the desk: sides, types, tp and sl, oco, scale, chase; ends with its program",
    )
    order.add_argument("--yes", action="store_true", help="send without a question")
    order.add_argument("--accept-doubts", action="store_true", help="with --yes: send in spite of doubts, too")
    order.add_argument("--json", action="store_true", help="print the result as one JSON object")
    _add_target(order)

    flatten = _command(
        commands, "flatten", "close positions with reduce-only market orders", "kftui flatten --symbol PF_XBTUSD"
    )
    flatten.add_argument("--symbol", help="only this contract; without it every position is closed")
    flatten.add_argument("--json", action="store_true", help="print the result as one JSON object")
    _add_target(flatten)

    _add_record_and_replay(commands)
    _add_journal(commands)

    _add_login(commands)

    config = _command(commands, "config", "every effective setting and where it came from", "kftui config")
    config.add_argument("--json", action="store_true", help="print one JSON object")
    _add_profile(config)
    _add_settings(config)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Errors are said on stderr in words."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["exchange"]:
        _run_exchange(arguments[1:])
    parser = build_parser()
    args = parser.parse_args(arguments)
    if args.live and args.url is not None:
        parser.error("--live and --url name two different accounts; give one of them")
    if args.profile is not None and args.command not in MEANS_LIVE and not args.live and args.url is None:
        parser.error("--profile names keys of a live account; add --live")
    try:
        return _run(args)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # the reader left, for example ``| head``; there is nobody to tell
        return FAILED
    except DeskError as error:
        sys.stderr.write(f"kftui: {error} ({error.sent}.)\n")
        return exit_code(error)


def exit_code(error: DeskError) -> int:
    """The documented exit code of an error."""
    match error:
        case SettingsError():
            return USAGE
        case CredentialsError() | AuthenticationRefused() | NotPermitted():
            return CREDENTIALS
        case Unreachable():
            return UNREACHABLE
        case OutcomeUnknown():
            return UNKNOWN
        case _:
            return FAILED


def _run(args: argparse.Namespace) -> int:
    if args.command is None:
        from tui import desk  # noqa: PLC0415 -- the screens are only needed here

        choice = desk.Choice(args.live, args.url, args.profile, view=args.view, also_trade=args.also_trade)
        return desk.run(choice, args.settings, args.record)
    if args.command == "replay":
        from tui.replay import show  # noqa: PLC0415

        return show.run(args.file, args.settings, speed=args.speed, from_ms=args.from_ms, as_json=args.json)
    if args.command == "order":
        from tui import ordering  # noqa: PLC0415

        return ordering.run(args)
    if args.command == "journal":
        from tui import past  # noqa: PLC0415

        return past.run(args)
    if args.command in {"login", "logout"}:
        from tui import login  # noqa: PLC0415

        return login.run(args)
    from tui import headless  # noqa: PLC0415

    return headless.run(args)


def _run_exchange(options: list[str]) -> NoReturn:
    """Become the exchange: it is another program, so its module is run, never imported."""
    import runpy  # noqa: PLC0415

    sys.argv = ["kftui exchange", *options]
    runpy.run_module("tui.exchange", run_name="__main__", alter_sys=False)
    raise SystemExit(OK)


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, words: str, example: str
) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=words,
        description=f"{words[0].upper()}{words[1:]}.",
        epilog=f"example: {example}\n\n{_EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _add_record_and_replay(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    record = _command(
        commands, "record", "keep all that the venue says in a file, without a screen", "kftui record --live --for 1h"
    )
    record.add_argument("file", nargs="?", type=Path, help="where to; without it a new file in this folder")
    record.add_argument("--for", dest="for_ms", type=_duration, metavar="TIME", help="how long: 90s, 15m, 1h30m")
    record.add_argument("--symbol", help="the contract whose book and trades are followed (default: desk.focus)")
    record.add_argument(
        "--limit", type=_positive, default=1000, metavar="MB", help="the most it may take (default 1000)"
    )
    _add_target(record)

    replay = _command(commands, "replay", "the desk again, from a recording", "kftui replay bug.kftui.gz --speed 5")
    replay.add_argument("file", type=Path, help="a recording")
    replay.add_argument("--speed", type=_speed, default=1.0, metavar="X", help="times as fast as it was (default 1)")
    replay.add_argument("--from", dest="from_ms", type=_duration, default=0, metavar="TIME", help="begin there: 15m")
    replay.add_argument(
        "--json", action="store_true", help="no screen: print the merged state there, or at the end, as one JSON object"
    )
    _add_settings(replay)


def _add_journal(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    journal = _command(
        commands,
        "journal",
        "what was asked and what came back, and fills",
        "kftui journal --since 2h --verdict refused",
    )
    journal.add_argument(
        "what",
        nargs="?",
        choices=("acts", "fills"),
        default="acts",
        help="what was asked (default), or what was filled",
    )
    journal.add_argument(
        "--since", metavar="TIME", help="2026-11-22, 2026-11-22T14:00 (UTC), or so long ago: 90s, 2h, 30d"
    )
    journal.add_argument("--symbol", help="only this contract")
    journal.add_argument("--kind", choices=KINDS, help="only acts of this kind")
    journal.add_argument("--verdict", choices=VERDICTS, help="only acts that ended so")
    journal.add_argument(
        "--pending", action="store_true", help="only acts of which nobody knows yet what became of them"
    )
    journal.add_argument("--last", type=_positive, default=50, metavar="N", help="at most so many (default 50)")
    shape = journal.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="print JSON lines")
    shape.add_argument("--csv", action="store_true", help="print CSV with a line of names")
    _add_target(journal)


def _add_login(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    for name, words, example in (
        ("login", "ask for API keys, try them, and keep them", "kftui login --profile work"),
        ("logout", "forget kept keys", "kftui logout --profile work"),
    ):
        _add_target(_command(commands, name, words, example))


def _add_target(parser: argparse.ArgumentParser) -> None:
    """Which account: the same options before and after the command. They have no default of their own, so that a
    sub-command's silence does not undo what stood before it.
    """
    target = parser.add_mutually_exclusive_group()
    target.add_argument("--live", action="store_true", default=argparse.SUPPRESS, help="the live account")
    target.add_argument(
        "--url",
        metavar="BASE",
        default=argparse.SUPPRESS,
        help="a server that speaks the protocol, http://127.0.0.1:8750",
    )
    _add_profile(parser)
    _add_settings(parser)


def _add_profile(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--profile", metavar="NAME", default=argparse.SUPPRESS, help="the keys that kftui login keeps under this name"
    )


def _add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--settings", type=Path, metavar="FILE", default=argparse.SUPPRESS, help="another settings file"
    )


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return value


def _speed(text: str) -> float:
    value = float(text)
    if not 0.01 <= value <= 1000:
        raise argparse.ArgumentTypeError("must be from 0.01 to 1000")
    return value


def _duration(text: str) -> int:
    """Milliseconds of ``90``, ``90s``, ``15m``, ``1h30m``, ``2d``."""
    found = re.fullmatch(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?", text.strip())
    if found is None or not any(found.groups()):
        raise argparse.ArgumentTypeError(f"{text!r} is no length of time; write 90s, 15m or 1h30m")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
