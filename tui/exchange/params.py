"""Arguments of a request, read leniently and told apart strictly.

Clients differ: query or form body for POST and PUT, ``true`` or ``True``, a repeated key or a comma list, a batch as
raw or percent-encoded JSON. Invariant: reading an argument either gives a value the engine can take or raises a
``Refusal``; no text reaches the engine as a number that is not finite or absurdly long.
"""

import json
import re
import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal
from urllib.parse import parse_qsl

from tui.exchange.refusals import CodedRefusal, WordRefusal, invalid_argument, missing_argument
from tui.wire.derivatives.outcomes import ErrorCode, WordError
from tui.wire.derivatives.times import to_ms

_NUMBER = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?", re.ASCII)
_TRUE = {"true": True, "false": False}
_RAW_BATCH = "json={"


class Params:
    """Values by name; the first of several wins unless ``all`` is asked. Empty text counts as absent."""

    def __init__(self, values: Mapping[str, list[str]]) -> None:
        self._values = values

    @classmethod
    def of_request(cls, query: bytes, body: bytes) -> "Params":
        """Query and form together; a body that begins with ``json={`` is taken as raw JSON up to its end."""
        try:
            pairs = parse_qsl(query.decode(), max_num_fields=2_000)
            pairs += _form_pairs(body.decode())
        except (UnicodeDecodeError, ValueError):
            raise WordRefusal(WordError.BAD_REQUEST, http=400) from None
        return cls(_grouped(pairs))

    @classmethod
    def of_item(cls, item: Mapping[str, object]) -> "Params":
        """One instruction of a batch, whose values may be text, numbers or booleans."""
        pairs = [(key, _as_text(value)) for key, value in item.items() if value is not None]
        return cls(_grouped(pairs))

    def with_path(self, values: Mapping[str, str]) -> "Params":
        """These and the ones that stand in the path, which win."""
        return Params({**self._values, **{name: [value] for name, value in values.items()}})

    def all(self, name: str) -> list[str]:
        """Every value, whether the key is repeated or its values are joined by commas."""
        return [part.strip() for text in self._values.get(name, []) for part in text.split(",") if part.strip()]

    def text(self, *names: str) -> str | None:
        """The first of these names that has a value."""
        return next((self._values[name][0] for name in names if self._values.get(name)), None)

    def required(self, *names: str) -> str:
        value = self.text(*names)
        if value is None:
            raise missing_argument()
        return value

    def decimal(self, name: str) -> Decimal | None:
        value = self.text(name)
        if value is None:
            return None
        if not _NUMBER.fullmatch(value):
            raise invalid_argument(name)
        return Decimal(value)

    def required_decimal(self, name: str) -> Decimal:
        value = self.decimal(name)
        if value is None:
            raise missing_argument()
        return value

    def integer(self, name: str, *, lowest: int = 0, highest: int = 2**63) -> int | None:
        value = self.decimal(name)
        if value is None:
            return None
        if value != value.to_integral_value() or not lowest <= value <= highest:
            raise invalid_argument(name)
        return int(value)

    def boolean(self, name: str, *, default: bool = False) -> bool:
        value = self.text(name)
        if value is None:
            return default
        if value.lower() not in _TRUE:
            raise invalid_argument(name)
        return _TRUE[value.lower()]

    def moment(self, *names: str) -> int | None:
        """An ISO time as milliseconds."""
        value = self.text(*names)
        if value is None:
            return None
        try:
            return to_ms(value)
        except (ValueError, OverflowError):
            raise invalid_argument(names[0]) from None

    def word(self, name: str, words: Iterable[str]) -> str | None:
        """A value that must be one of ``words``."""
        value = self.text(name)
        if value is not None and value not in set(words):
            raise invalid_argument(name)
        return value

    def order_uuid(self, *names: str) -> str | None:
        """An order id, which must look like a UUID (live capture 2026-09: checked before the key is)."""
        value = self.text(*names)
        if value is None:
            return None
        try:
            uuid.UUID(value)
        except ValueError:
            message = f"Argument invalid: Invalid UUID string: {value[:64]}"
            raise CodedRefusal(ErrorCode.ARGUMENT_INVALID, message) from None
        return value


def batch_items(params: Params, limit: int) -> list[Mapping[str, object]]:
    """The instructions of ``batchorder``'s ``json`` argument."""
    text = params.required("json")
    try:
        content = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except (ValueError, RecursionError):
        raise WordRefusal(WordError.JSON_PARSE_ERROR) from None
    items = content.get("batchOrder") if isinstance(content, dict) else None
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise invalid_argument("json")
    if len(items) > limit:
        raise invalid_argument("batchOrder")
    return items


def _form_pairs(body: str) -> list[tuple[str, str]]:
    if not body.startswith(_RAW_BATCH):
        return parse_qsl(body, max_num_fields=2_000)
    text = body.removeprefix("json=")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return [("json", text)]
    return [("json", text[:end]), *parse_qsl(text[end:].lstrip("&"))]


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        if value:
            values.setdefault(name, []).append(value)
    return values


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
