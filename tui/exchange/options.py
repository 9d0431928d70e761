"""The switches of the exchange program, and the command line that sets them.

Invariant: an ``Options`` value is complete and consistent; whatever the command line got wrong was told on stderr with
exit code 2 before anything started. What the venue's documents leave open is a switch here.
"""

import argparse
import ipaddress
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from tui.exchange.config import EngineConfig, check_balance
from tui.exchange.faults import Dial, DialError, read
from tui.wire.derivatives.codes import TriggerSignal

DEFAULT_PORT: Final = 8750
KRAKEN: Final = "https://futures.kraken.com"
MARKETS: Final = ("synthetic", "live", "replay")
NO_FAULTS: Final = Dial()


@dataclass(frozen=True, slots=True)
class Options:
    """``balances`` empty means the default account. ``rate_limit``: ``word`` answers HTTP 200 with
    ``apiLimitExceeded``, ``http`` answers 429 with ``Retry-After``, ``off`` never refuses. ``full_fill``: the
    form in which ``open_orders`` reports a filled order (``object`` live in 2026, ``id`` in 2021, or ``both``).
    ``market`` is one of ``MARKETS``; ``recording`` is set for ``replay`` only. ``contracts`` empty means all.
    ``rules`` are those of matching and margin.
    """

    host: str = "127.0.0.1"
    public_network: bool = False
    port: int = DEFAULT_PORT
    seed: int = 0
    market: str = MARKETS[0]
    upstream: str = KRAKEN
    contracts: tuple[str, ...] = ()
    recording: Path | None = None
    loop: bool = False
    state: Path | None = None
    speed: float = 1.0
    balances: dict[str, Decimal] = field(default_factory=dict)
    keys: Path | None = None
    accounts: Path | None = None
    tls: bool = False
    leash: bool = False
    read_only: bool = False
    control: bool = False
    faults: Dial = NO_FAULTS
    nonce_window_s: float = 10.0
    rate_limit: str = "word"
    decoded_signatures: bool = False
    empty_get_signatures: bool = False
    index_tickers: bool = False
    balances_as_text: bool = False
    bids_ascending: bool = False
    trades_descending: bool = False
    stop_word: str = "stop"
    full_fill: str = "object"
    default_signal: str = "last"
    ignores_garbage: bool = False
    silence_s: float = 60.0
    feed_queue: int = 5_000
    rules: EngineConfig = field(default_factory=EngineConfig)


def parse(argv: Sequence[str]) -> Options:
    """Options of a command line. Exits with code 2 and a message on stderr when something is wrong."""
    parser = _parser()
    given = parser.parse_args(argv)
    if not (given.public_network or is_loopback(given.host)):
        parser.error(
            f"{given.host} can be reached from other machines; say --public-network too if strangers may trade here"
        )
    values = vars(given)
    if given.accounts is not None and (given.keys or given.balance or given.read_only):
        parser.error("--accounts: keys, balances and read_only of each account stand in its file")
    values["market"], values["recording"] = _market(parser, values["market"])
    if values["market"] == "live" and given.speed != 1:
        parser.error("--speed: the time of a live market cannot be had faster")
    values["balances"] = dict(values.pop("balance") or ())
    values["rules"] = EngineConfig(**{rule: values.pop(rule) for rule in _RULES if rule in values})
    if values["seed"] is None:
        values["seed"] = random.SystemRandom().randrange(2**32)
    return Options(**values)


def _market(parser: argparse.ArgumentParser, words: list[str]) -> tuple[str, Path | None]:
    market, *files = words
    if market not in MARKETS or len(files) != (market == "replay"):
        parser.error("--market: expected synthetic, live, or replay with a FILE")
    return market, Path(files[0]) if files else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kftui exchange",
        description="A local paper exchange that speaks the wire of Kraken Futures.",
        epilog="Keys are read from KRAKEN_FUTURES_API_KEY and KRAKEN_FUTURES_PRIVATE_KEY; without them a pair is "
        "made and kept beside the state file, or in the user's data folder. The first line on standard output is JSON "
        "and tells where everything is.",
    )
    _main_arguments(parser)
    _venue_arguments(parser.add_argument_group("switches for what the venue leaves open, or for hardening clients"))
    _rules_arguments(parser.add_argument_group("rules of matching and margin whose figures the venue does not tell"))
    return parser


def _main_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    add("--public-network", action="store_true", help="let --host be an address that other machines can reach")
    add("--port", type=port, default=DEFAULT_PORT, help="port, 0 for a free one (default %(default)s)")
    add("--seed", type=seed, help="makes the market reproducible (default: a random one)")
    add(
        "--market",
        nargs="+",
        default=[MARKETS[0]],
        metavar=("WHAT", "FILE"),
        help="synthetic: a seeded crowd (default). live: the public market of another venue, on which paper orders are "
        "filled; read-only and without keys. replay FILE: the public part of a recording",
    )
    add("--upstream", type=web_address, default=KRAKEN, metavar="URL", help="venue of --market live (%(default)s)")
    add("--contracts", type=symbols, default=(), metavar="LIST", help="mirror only these, with commas between them")
    add("--loop", action="store_true", help="begin a replayed recording again when it has ended")
    add("--state", type=Path, metavar="PATH", help="file that keeps the account between runs (default: none)")
    add("--speed", type=speed, default=1.0, metavar="X", help="how fast time runs (default 1)")
    add(
        "--balance",
        type=balance,
        action="append",
        metavar="NAME=AMOUNT",
        help="starting balance of a fresh account, repeatable: a collateral currency (USD=50000) or a wallet "
        "(fi_xbtusd=0.5); a plain amount means USD",
    )
    add("--keys", type=Path, metavar="FILE", help="file of the key pair, made if it is not there")
    add("--accounts", type=Path, metavar="FILE", help="JSON or TOML file of several accounts, their keys and balances")
    add("--tls", action="store_true", help="serve https and wss with a certificate made at first use")
    add("--leash", action="store_true", help="end when standard input ends")
    add("--read-only", action="store_true", help="the key may look but not trade")
    add("--control", action="store_true", help="let programs on this machine steer the exchange under /paper/v1/")
    add("--faults", type=faults_file, metavar="FILE", default=NO_FAULTS, help="JSON or TOML file of what goes wrong")


def _venue_arguments(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--nonce-window-s", type=seconds, default=10.0, metavar="S", help="how late a nonce may come (default 10)")
    add("--rate-limit", choices=("word", "http", "off"), default="word", help="how a spent budget is refused")
    add("--decoded-signatures", action="store_true", help="also accept signatures over percent-decoded text")
    add("--empty-get-signatures", action="store_true", help="also accept GET signatures that leave out the query")
    add("--index-tickers", action="store_true", help="list indices among the tickers")
    add("--balances-as-text", action="store_true", help="send balances as text")
    add("--bids-ascending", action="store_true", help="send the bids of the order book best last")
    add("--trades-descending", action="store_true", help="send public trades newest first")
    add("--stop-word", choices=("stop", "stp"), default="stop", help="what openorders calls a stop")
    add("--full-fill", choices=("object", "id", "both"), default="object", help="how a filled order leaves the feed")
    add(
        "--default-signal",
        choices=tuple(TriggerSignal),
        default="last",
        help="what a stop without triggerSignal watches",
    )
    add("--ignores-garbage", action="store_true", help="leave frames that are no request unanswered, JSON pings too")
    add("--silence-s", type=seconds, default=60.0, metavar="S", help="drop a stream silent for so long (default 60)")
    add("--feed-queue", type=length, default=5_000, metavar="N", help="frames a slow reader may lag (default 5000)")


_RULES: Final = (
    "activity",
    "price_collar",
    "max_open_orders",
    "max_trailing_stops",
    "max_small_orders",
    "small_order_usd",
    "liquidation_fee",
    "liquidation_step",
    "liquidation_slippage",
    "full_liquidation_at",
)
"""Fields of ``EngineConfig`` that can be set; what is not given keeps its default there."""


def _rules_arguments(group: argparse._ArgumentGroup) -> None:
    def add(name: str, of: Callable[[str], object], metavar: str, text: str) -> None:
        group.add_argument(name, type=of, default=argparse.SUPPRESS, metavar=metavar, help=text)

    add("--activity", activity, "X", "how busy the crowd is, 0 for still (default 1)")
    add("--price-collar", share, "SHARE", "refuse limit prices further through the mark, 0.05 is 5 %% (default: none)")
    add("--max-open-orders", length, "N", "open orders of an account (default 500)")
    add("--max-trailing-stops", count, "N", "trailing stops of an account (default 50)")
    add("--max-small-orders", count, "N", "small orders of an account (default: no limit)")
    add("--small-order-usd", amount, "USD", "what a small order is worth less than (default 10)")
    add("--liquidation-fee", share, "SHARE", "fee on what is liquidated (default 0)")
    add("--liquidation-step", share, "SHARE", "part of a position that one partial liquidation sells (default 0.1)")
    add("--liquidation-slippage", share, "SHARE", "how far through the mark it may sell (default 0.009)")
    add("--full-liquidation-at", share, "SHARE", "equity / maintenance where all is sold (default 0.25)")


# argparse names these in its complaints ("invalid port value"), hence their plain names


def port(text: str) -> int:
    return _between(int(text), 0, 65_535)


def seed(text: str) -> int:
    return _between(int(text), 0, 2**63)


def length(text: str) -> int:
    return _between(int(text), 10, 1_000_000)


def count(text: str) -> int:
    return _between(int(text), 0, 1_000_000)


def share(text: str) -> Decimal:
    return _amount(text, Decimal(1))


def amount(text: str) -> Decimal:
    return _amount(text, Decimal(10) ** 9)


def _amount(text: str, highest: Decimal) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
    if not value.is_finite() or not 0 <= value <= highest:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and {highest:f}")
    return value


def _between(value: int, lowest: int, highest: int) -> int:
    if not lowest <= value <= highest:
        raise argparse.ArgumentTypeError(f"{value} is not between {lowest} and {highest}")
    return value


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``; a name other than ``localhost`` may be anything."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _number(text: str, lowest: float, highest: float) -> float:
    value = float(text)
    if not lowest <= value <= highest:
        raise argparse.ArgumentTypeError(f"{text} is not between {lowest:g} and {highest:g}")
    return value


def speed(text: str) -> float:
    return _number(text, 0.01, 1_000)


def activity(text: str) -> float:
    return _number(text, 0, 100)


def seconds(text: str) -> float:
    return _number(text, 0, 86_400)


def web_address(text: str) -> str:
    scheme, _, rest = text.partition("://")
    if scheme not in {"http", "https"} or not rest.rstrip("/") or not rest.isascii() or " " in rest:
        raise argparse.ArgumentTypeError(f"{text!r} is not an address like {KRAKEN}")
    return text.rstrip("/")


def symbols(text: str) -> tuple[str, ...]:
    return tuple(word.strip().upper() for word in text.split(",") if word.strip())


def balance(text: str) -> tuple[str, Decimal]:
    given, equals, amount_text = text.rpartition("=")
    name = given.strip() if equals else "USD"
    try:
        start = Decimal(amount_text)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{text!r}: {amount_text!r} is not an amount") from None
    try:
        return check_balance(name, start)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def faults_file(text: str) -> Dial:
    try:
        return read(Path(text))
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text}: {error.strerror or error}") from None
    except DialError as error:
        raise argparse.ArgumentTypeError(f"{text}: {error}") from None
