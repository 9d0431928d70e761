"""What can go wrong on request: the faults, and the dial that holds them.

A ``Dial`` is plain data, read strictly from JSON or TOML: an unknown word is an error that names it. Each fault says
where (``on``), how often (``probability``, ``times``) and when (``start_s``, ``for_s``, ``every_s``, in seconds since
the dial was set). Invariant: a dial alone does nothing; ``mishaps`` decides and the doors act.

``on`` is a group or one name. Calls: ``all``, ``public``, ``private``, ``reads`` (private ones that only look),
``acts`` (those that change something), or a call such as ``sendorder``. Frames: ``all``, ``public``, ``private``, a
feed such as ``book``, or a control event such as ``challenge``.
"""

import difflib
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

import msgspec
from msgspec import Meta, Struct

from tui.wire.derivatives import routes
from tui.wire.derivatives.feeds import Event, Feed

Chance = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[float, Meta(ge=0, le=86_400)]
Delay = Annotated[float, Meta(ge=0, le=60_000)]
"""Milliseconds."""

_TAGS: Final = re.compile(r"(?<!^)(?=[A-Z])")


def call_name(path: str) -> str:
    """A call's short name: ``sendorder``, ``orders/status``, ``history/executions``, ``tickers``."""
    short = path.removeprefix(routes.BASE + "/").removeprefix("/derivatives/api/").removeprefix("/api/")
    short = re.sub(r"^(\w+)/v\d+/", r"\1/", short)
    return re.sub(r"/?\{\w+\}", "", short).rstrip("/")


def _routes() -> tuple[routes.Route, ...]:
    return tuple(value for value in vars(routes).values() if isinstance(value, routes.Route))


CALLS: Final = frozenset(call_name(route.path) for route in _routes())
FRAMES: Final = frozenset(str(name) for kind in (Feed, Event) for name in kind)
CALL_GROUPS: Final = frozenset({"all", "public", "private", "reads", "acts"})
FRAME_GROUPS: Final = frozenset({"all", "public", "private"})


class Fault(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="kind",
    tag=lambda n: _TAGS.sub("_", n).lower(),
):
    """``every_s``: the schedule begins again so often; ``for_s``: it lasts so long each time (None: for good)."""

    on: str = "all"
    probability: Chance = 1.0
    times: Annotated[int, Meta(ge=1)] | None = None
    start_s: Seconds = 0.0
    for_s: Seconds | None = None
    every_s: Annotated[float, Meta(gt=0, le=86_400)] | None = None

    def is_active(self, elapsed_s: float) -> bool:
        """``elapsed_s``: since the dial was set."""
        since_s = elapsed_s - self.start_s
        if since_s < 0:
            return False
        if self.every_s is not None:
            since_s %= self.every_s
        return self.for_s is None or since_s < self.for_s


# --- calls -------------------------------------------------------------------------------------------------


class CallFault(Fault, frozen=True, kw_only=True):
    """Something befalls one REST call."""


class LateRequest(CallFault, frozen=True, kw_only=True):
    """It reaches the engine late: after ``ms`` and on average ``tail_ms`` more (exponential, as queues are)."""

    ms: Delay = 500.0
    tail_ms: Delay = 0.0


class LateAnswer(CallFault, frozen=True, kw_only=True):
    """The engine acts at once, the answer travels as long as ``LateRequest`` does."""

    ms: Delay = 500.0
    tail_ms: Delay = 0.0


class LostRequest(CallFault, frozen=True):
    """The connection ends before the engine has acted."""


class LostAnswer(CallFault, frozen=True):
    """The engine acts, and the connection ends without an answer."""


class RateLimit(CallFault, frozen=True, kw_only=True):
    """Refused for asking too much: HTTP 429, or HTTP 200 with the word alone; with or without ``Retry-After``."""

    http: Literal[200, 429] = 429
    retry_after_s: Annotated[int, Meta(ge=0, le=3_600)] | None = None


class GatewayError(CallFault, frozen=True, kw_only=True):
    """A page of HTML from the servers in front. ``acted``: after the engine did what was asked."""

    http: Literal[405, 500, 502, 503, 504, 520, 522] = 502
    acted: bool = False


class Maintenance(CallFault, frozen=True, kw_only=True):
    """The word ``Unavailable`` (with HTTP 200 or 503); then all markets are post-only for ``post_only_s``."""

    http: Literal[200, 503] = 200
    post_only_s: Seconds = 0.0


class Nonce(CallFault, frozen=True, kw_only=True):
    """A private call is refused for its nonce."""

    word: Literal["nonceBelowThreshold", "nonceDuplicate"] = "nonceBelowThreshold"


class StaleAnswer(CallFault, frozen=True, kw_only=True):
    """Open orders, positions, fills and accounts as they were ``age_s`` ago. ``dated`` says what ``serverTime``
    tells: ``now``, as a replica that lags would, or ``then``, as a cache would.
    """

    age_s: Annotated[float, Meta(gt=0, le=60)] = 5.0
    dated: Literal["now", "then"] = "now"


class Crash(CallFault, frozen=True, kw_only=True):
    """The exchange dies on the spot, before or after the engine has ``acted``; no answer, nothing more saved."""

    acted: bool = True


# --- frames ------------------------------------------------------------------------------------------------


class FrameFault(Fault, frozen=True, kw_only=True):
    """Something befalls one frame on its way out."""


class DuplicateFrame(FrameFault, frozen=True):
    """It is sent twice."""


class ReorderFrames(FrameFault, frozen=True, kw_only=True):
    """It waits for ``ms`` and its feed behind it, while other feeds pass."""

    ms: Delay = 200.0


class LateSnapshot(FrameFault, frozen=True, kw_only=True):
    """A snapshot waits for ``ms``. ``overtaken``: deltas of its feed do not wait for it."""

    ms: Delay = 2_000.0
    overtaken: bool = False


class SkipFrame(FrameFault, frozen=True):
    """It never leaves: a gap without a close. On ``private`` with probability 1: private feeds that are dead."""


class HalfOpen(FrameFault, frozen=True):
    """From this frame on the connection is dead and nobody is told: no data, no pong, no close."""


class Cut(FrameFault, frozen=True):
    """The connection breaks at this frame."""


# --- both --------------------------------------------------------------------------------------------------


class Exponents(Fault, frozen=True):
    """Fractions in answers and frames are written with an exponent (``4.48E-4``), as the venue's doubles may be."""


class ClockSkew(Fault, frozen=True, kw_only=True):
    """The venue's clock is ``ms`` ahead (or, negative, behind); set back, it stands still rather than run backwards.
    ``told_only``: only ``serverTime`` is wrong.
    """

    ms: Annotated[int, Meta(ge=-86_400_000, le=86_400_000)]
    told_only: bool = False


AnyFault = (
    LateRequest
    | LateAnswer
    | LostRequest
    | LostAnswer
    | RateLimit
    | GatewayError
    | Maintenance
    | Nonce
    | StaleAnswer
    | Crash
    | DuplicateFrame
    | ReorderFrames
    | LateSnapshot
    | SkipFrame
    | HalfOpen
    | Cut
    | Exponents
    | ClockSkew
)


_KINDS: Final[tuple[type[Fault], ...]] = get_args(AnyFault)


class Dial(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``seed`` makes the chances repeatable."""

    seed: int = 0
    faults: tuple[AnyFault, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.faults)


class DialError(ValueError):
    """The dial cannot be read; the text says what is wrong and where."""


def of_data(data: object) -> Dial:
    """A dial of plain data. Raises ``DialError``."""
    try:
        dial = msgspec.convert(data, Dial)
    except msgspec.ValidationError as error:
        raise DialError(_plainer(str(error))) from None
    for place, fault in enumerate(dial.faults):
        _check(fault, f"faults[{place}]")
    return dial


def of_json(text: bytes) -> Dial:
    """Raises ``DialError``."""
    try:
        return of_data(msgspec.json.decode(text))
    except (msgspec.DecodeError, RecursionError) as error:
        raise DialError(f"not JSON: {error}") from None


def read(path: Path) -> Dial:
    """A file of faults: TOML if its name ends so, else JSON. Raises ``DialError`` and ``OSError``."""
    content = path.read_bytes()
    if path.suffix.lower() != ".toml":
        return of_json(content)
    try:
        return of_data(tomllib.loads(content.decode()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DialError(f"not TOML: {error}") from None


def plain(dial: Dial) -> Any:
    """The dial as plain data; what ``of_data`` reads back equal."""
    return msgspec.to_builtins(dial)


def _check(fault: AnyFault, place: str) -> None:
    calls = CALL_GROUPS | CALLS if not isinstance(fault, FrameFault) else frozenset[str]()
    frames = FRAME_GROUPS | FRAMES if not isinstance(fault, CallFault) else frozenset[str]()
    known = calls | frames
    if fault.on not in known:
        near = difflib.get_close_matches(fault.on, sorted(known), 1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(known))}"
        raise DialError(f"{place}.on: {fault.on!r} is not known; {hint}")
    if fault.every_s is not None and fault.for_s is None:
        raise DialError(f"{place}: every_s needs for_s, how long it lasts each time")
    if isinstance(fault, Maintenance) and fault.post_only_s and fault.for_s is None:
        raise DialError(f"{place}: post_only_s needs for_s, for what comes after needs an end before it")


def kinds() -> dict[str, str]:
    """What a dial may hold: each kind with what it does and its own fields."""
    return {str(one.__struct_config__.tag): " ".join((one.__doc__ or "").replace("``", "").split()) for one in _KINDS}


def _plainer(text: str) -> str:
    """``msgspec`` says where as ``$.faults[0].on`` and does not list the kinds there are."""
    said = text.replace("$.", "").replace("Object contains unknown field", "there is no field")
    return f"{said}; known are {', '.join(kinds())}" if ".kind`" in text else said
