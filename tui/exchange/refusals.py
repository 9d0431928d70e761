"""The shapes in which the venue says no, as exceptions that the doors turn into answers.

Invariant: raising one of these changes nothing in the engine. Source: Kraken docs and live captures of 2026-09
(HTTP 200 for word errors and failed authentication on ``/derivatives``, 401 on history and key check).
"""

from collections.abc import Mapping
from http import HTTPStatus

from tui.wire.derivatives.outcomes import ErrorCode, WordError


class Refusal(Exception):
    """``http`` is the status, ``headers`` go out with it."""

    def __init__(self, text: str, http: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.http = http
        self.headers = headers or {}

    def body(self, server_time: str) -> dict[str, object] | str:
        """What is sent: a JSON object, or plain text."""
        raise NotImplementedError


class WordRefusal(Refusal):
    """``{"result":"error","error":<word>}``."""

    def __init__(self, word: str, *, http: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(word, http, headers)

    def body(self, server_time: str) -> dict[str, object]:
        return {"result": "error", "error": str(self.text), "serverTime": server_time}


class CodedRefusal(Refusal):
    """``errors`` with a numeric code; no ``error`` key, and ``status`` is the HTTP status by name."""

    def __init__(self, code: int, message: str, *, http: int = 400) -> None:
        super().__init__(message, http)
        self.code = code

    def body(self, server_time: str) -> dict[str, object]:
        return {
            "status": HTTPStatus(self.http).name,
            "result": "error",
            "errors": [{"code": int(self.code), "message": self.text}],
            "serverTime": server_time,
        }


class ObjectRefusal(Refusal):
    """A service with a shape of its own (history, key check)."""

    def __init__(self, content: Mapping[str, object], *, http: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__("refused", http, headers)
        self.content = dict(content)

    def body(self, server_time: str) -> dict[str, object]:  # noqa: ARG002 - these shapes tell no time
        return self.content


class TextRefusal(Refusal):
    """Plain text, as the charts service answers."""

    def __init__(self, text: str, *, http: int = 400) -> None:
        super().__init__(text, http)

    def body(self, server_time: str) -> str:  # noqa: ARG002 - plain text tells no time
        return self.text


def missing_argument() -> WordRefusal:
    return WordRefusal(WordError.REQUIRED_ARGUMENT_MISSING)


def invalid_argument(name: str) -> CodedRefusal:
    return CodedRefusal(ErrorCode.ARGUMENT_INVALID, f"Argument invalid: {name}")
