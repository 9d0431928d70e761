"""What every decoded answer shares: the frozen base and the two envelopes of an error.

Invariant: decoding tolerates. Unknown keys are ignored, words the venue adds later stay plain ``str``, optional
keys may be missing or null, and numbers may come as text; only a missing vital key is an error. Attributes are
snake case; the wire's own spelling is in ``rename`` and ``field(name=...)``. Amounts are ``Decimal`` read from
the raw digits; note that text such as ``"NaN"`` is a ``Decimal`` too, so readers must check ``is_finite``.
"""

from msgspec import Struct, field


class Wire(Struct, frozen=True, gc=False, kw_only=True, rename="camel"):
    """Base of shapes in camel case (REST, history, charts)."""


class SnakeWire(Struct, frozen=True, gc=False, kw_only=True):
    """Base of shapes in snake case (most WebSocket frames)."""


class CodedError(Wire, frozen=True, kw_only=True):
    """One entry of ``errors`` in a coded answer."""

    code: int | None = None
    message: str = ""


class Answer(Wire, frozen=True, kw_only=True):
    """The envelope of every ``/derivatives`` answer.

    A success has ``result`` ``success`` and no ``error``. A word error has ``result`` ``error`` and ``error``
    (HTTP 200, also for failed authentication). A coded error (HTTP 400, 404, 500) has ``errors`` with codes and
    an HTTP name under ``status``, and no ``error``. ``errors`` beside a word error holds plain strings.
    """

    result: str = ""
    server_time: str | None = None
    error: str | None = None
    errors: list[CodedError | str] = field(default_factory=list)


class HistoryRefusal(Wire, frozen=True, kw_only=True):
    """HTTP 401 of ``/api/history`` (``status``, ``reason``) and of the key check (``error``, ``message``)."""

    status: str | None = None
    reason: str | None = None
    error: str | None = None
    message: str | None = None
