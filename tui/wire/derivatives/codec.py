"""JSON of the Derivatives dialect, in both directions.

Invariant: no amount passes through a float. Reading takes ``Decimal`` from the raw digits; writing puts plain digits
(never ``1E-7``), as JSON numbers. What cannot be read raises ``MalformedError`` and nothing else.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from tui.wire.derivatives.frames import Control, Data, Unknown

T = TypeVar("T")

Body = bytes | bytearray | memoryview | str


class MalformedError(ValueError):
    """The venue sent something this dialect cannot read; the text says where, without the payload."""


class _MaybeControl(msgspec.Struct, frozen=True, gc=False):
    event: str | None = None
    feed: str | None = None


_CONTROL = msgspec.json.Decoder(Control, strict=False)
_HEAD = msgspec.json.Decoder(_MaybeControl, strict=False)
_DATA: msgspec.json.Decoder[Data] = msgspec.json.Decoder(Data, strict=False)
_ENCODER = msgspec.json.Encoder()
_KNOWN_FEEDS = frozenset(str(kind.__struct_config__.tag) for kind in Data.__args__)


_UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)  # the last one: nested without end


_AS_IT_IS = frozenset({str, int, bool, type(None)})
"""Exact types that need no second look; they are most of what an exchange says."""

_DECODERS: dict[object, msgspec.json.Decoder[Any]] = {}


def _decoder(shape: type[T]) -> msgspec.json.Decoder[T]:
    """One decoder per shape, built at first use: as many as there are shapes."""
    known = _DECODERS.get(shape)
    return known if known is not None else _DECODERS.setdefault(shape, msgspec.json.Decoder(shape, strict=False))


def decode(shape: type[T], body: Body) -> T:
    """One REST body as ``shape``. Numbers may be text on the wire. Raises ``MalformedError``."""
    try:
        return _decoder(shape).decode(body)
    except _UNREADABLE as error:
        raise MalformedError(f"{shape.__name__}: {error}") from None


def decode_frame(raw: bytes | str) -> Control | Data | Unknown:
    """One WebSocket frame; a feed that is not read gives ``Unknown``.

    Data frames, the many, are tried first; none of them can be mistaken, since each forbids ``event``.
    Raises ``MalformedError`` for text that is no JSON object, and for a known feed without its vital keys.
    """
    try:
        return _DATA.decode(raw)
    except msgspec.ValidationError as error:
        return _control_or_unknown(raw, error)
    except _UNREADABLE as error:
        raise MalformedError(f"frame: {error}") from None


def _control_or_unknown(raw: bytes | str, cause: msgspec.ValidationError) -> Control | Unknown:
    try:
        head = _HEAD.decode(raw)
        if head.event is not None:
            return _CONTROL.decode(raw)
    except _UNREADABLE as error:
        raise MalformedError(f"frame: {error}") from None
    if head.feed in _KNOWN_FEEDS:
        raise MalformedError(f"frame of {head.feed}: {cause}") from None
    return Unknown(feed=head.feed or "")


def encode(value: object) -> bytes:
    """JSON bytes of plain values (mappings, lists, text, numbers) or Structs; decimals as plain numbers."""
    return _ENCODER.encode(_plain(value))


def plain(number: Decimal) -> str:
    """``0.0000001`` for ``Decimal("1E-7")``; never an exponent, never ``-0``."""
    text = f"{number:f}"
    return text if number else text.removeprefix("-")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return msgspec.Raw(plain(value).encode())
    if isinstance(value, Mapping):
        return {key: item if type(item) in _AS_IT_IS else _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, msgspec.Struct):
        return _plain(msgspec.to_builtins(value, builtin_types=(Decimal,)))
    return value
