"""Answers that are errors, turned into typed errors in plain words with the next step.

Invariant: an error the program does not know stays an error (``UnknownAnswer``). For a request that acts, an answer
that leaves open whether it acted (a gateway's 5xx, an unreadable body, the venue's own internal error) is
``OutcomeUnknown``, never a refusal.
Source: Kraken docs and live captures of 2026-09: failed authentication is HTTP 200 with a word on the trading API,
HTTP 401 on history and key check; coded errors have no ``error`` key; maintenance may be HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from msgspec import Struct

from tui.model.errors import (
    AuthenticationRefused,
    BadArgument,
    DeskError,
    NonceRefused,
    NotFound,
    NotPermitted,
    OrderRefused,
    OutcomeUnknown,
    RateLimited,
    UnknownAnswer,
    VenueError,
    VenueUnavailable,
)
from tui.wire.derivatives.base import Answer, CodedError, HistoryRefusal
from tui.wire.derivatives.codec import MalformedError, decode
from tui.wire.derivatives.outcomes import ErrorCode, WordError

W = WordError
C = ErrorCode

_KEYS = (
    "Check that the key is a Futures key (a Spot key does not work), that the private key belongs to it, "
    "and that it may be used from this address"
)
_NONCE = "Another program may use this key, or the clock jumped back: give each program its own key, then try again"
_RIGHTS = "Make a key with full access to the General API; read only is enough to look"
_LATER = "Wait and try again; status.kraken.com says what is going on"
_REPORT = "Look at the order and position lists before doing more"

WORDS: Final[dict[WordError, tuple[type[VenueError], str, str]]] = {
    W.ACCOUNT_INACTIVE: (NotPermitted, "The Futures account is not active", "Activate it in Kraken's web interface"),
    W.API_LIMIT_EXCEEDED: (RateLimited, "Too many requests", "Wait; cancels go first"),
    W.AUTHENTICATION_ERROR: (AuthenticationRefused, "Kraken did not accept the API key", _KEYS),
    W.BAD_REQUEST: (BadArgument, "Kraken could not read the request", "This is a fault of the program: report it"),
    W.CONTRACT_NOT_FOUND: (NotFound, "There is no such contract", "Check the symbol"),
    W.INSUFFICIENT_FUNDS: (VenueError, "Not enough funds", "Lower the amount"),
    W.INSUFFICIENT_PRIVILEGES: (NotPermitted, "The API key may not do this", _RIGHTS),
    W.INVALID_ACCOUNT: (BadArgument, "There is no such account", "Check the account's name"),
    W.INVALID_AMOUNT: (BadArgument, "The amount is not allowed", "Use a positive amount"),
    W.INVALID_ARGUMENT: (BadArgument, "Kraken could not use an argument", "Correct it and send again"),
    W.INVALID_UNIT: (BadArgument, "There is no such currency", "Check the currency"),
    W.JSON_PARSE_ERROR: (BadArgument, "Kraken could not read the batch", "This is a fault of the program: report it"),
    W.MARKET_UNAVAILABLE: (VenueUnavailable, "The market is closed", _LATER),
    W.NONCE_BELOW_THRESHOLD: (NonceRefused, "Kraken has seen a higher nonce from this key", _NONCE),
    W.NONCE_DUPLICATE: (NonceRefused, "Kraken has seen this nonce before", _NONCE),
    W.NOT_FOUND: (NotFound, "Kraken found nothing of the kind", "It may be gone: refresh"),
    W.REQUIRED_ARGUMENT_MISSING: (BadArgument, "A needed argument is missing", "Fill it in and send again"),
    W.SERVER_ERROR: (VenueUnavailable, "Kraken had an internal error", _LATER),
    W.UNAVAILABLE: (VenueUnavailable, "Kraken is not available, perhaps for maintenance", _LATER),
    W.UNKNOWN_ERROR: (VenueUnavailable, "Kraken had an error it does not name", _LATER),
}

CODES: Final[dict[ErrorCode, tuple[type[VenueError], str, str]]] = {
    C.GENERAL: (BadArgument, "Kraken could not read the request", "Check symbol and arguments"),
    C.ARGUMENT_INVALID: (BadArgument, "Kraken could not use an argument", "Correct it and send again"),
    C.WOULD_CAUSE_LIQUIDATION: (OrderRefused, "It would put the account into liquidation", "Reduce or add funds first"),
    C.CONTRACT_NOT_FOUND: (NotFound, "There is no such contract", "Check the symbol"),
    C.CONTRACT_NOT_MULTI_COLLATERAL: (
        BadArgument,
        "Leverage cannot be set for this contract",
        "It is margined in its own wallet: leverage follows from what the wallet holds",
    ),
    C.CURRENCY_NOT_FOUND: (BadArgument, "There is no such currency", "Check the currency"),
    C.CURRENCY_NOT_ENABLED: (BadArgument, "This currency cannot be chosen for profit and loss", "Choose another"),
    C.INSUFFICIENT_MARGIN: (OrderRefused, "Not enough available margin", "Use a higher leverage or add funds"),
    C.NOT_PERMITTED: (NotPermitted, "The account may not do this", _RIGHTS),
    C.MAX_LEVERAGE_OUT_OF_BOUNDS: (OrderRefused, "The leverage is outside the allowed range", "Use a lower leverage"),
}

_OPEN_OUTCOMES: Final = frozenset({W.SERVER_ERROR, W.UNKNOWN_ERROR})
"""Words after which an order may live all the same."""


class Reply(Struct, frozen=True):
    """An HTTP answer. ``headers`` in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def failure(reply: Reply, *, acts: bool, now_ms: int, cause: str = "") -> DeskError:
    """The error that ``reply`` is. ``acts``: the request could change something. ``cause``: why the body was unread."""
    wait_s = retry_after_s(reply.headers, now_ms)
    try:
        answer = decode(Answer, reply.body)
    except MalformedError:
        return _refused_elsewhere(reply, wait_s) or _by_status(reply, wait_s, acts=acts, cause=cause)
    if answer.result == "error" or answer.errors:
        if answer.error is not None:
            return _by_word(answer.error, wait_s, acts=acts)
        if coded := next((entry for entry in answer.errors if isinstance(entry, CodedError)), None):
            return _by_code(coded)
    return _refused_elsewhere(reply, wait_s) or _by_status(reply, wait_s, acts=acts, cause=cause)


def retry_after_s(headers: Mapping[str, str], now_ms: int) -> float | None:
    """Seconds to wait, from ``retry-after`` (seconds or an HTTP date) or ``rate-limit-reset`` (seconds)."""
    for name in ("retry-after", "rate-limit-reset"):
        text = headers.get(name, "").strip()
        if text.isascii() and text.replace(".", "", 1).isdigit():
            return min(float(text), 3600.0)
        if text and name == "retry-after":
            try:
                moment = parsedate_to_datetime(text)
            except ValueError:
                continue
            at = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return max(0.0, (at - datetime.fromtimestamp(now_ms / 1000, UTC)).total_seconds())
    return None


def rate_limited(wait_s: float | None, word: str = "") -> RateLimited:
    advice = f"Wait {wait_s:g} s; cancels go first" if wait_s is not None else "Wait; cancels go first"
    return RateLimited("Too many requests", advice, word=word, retry_after_s=wait_s)


def _by_word(text: str, wait_s: float | None, *, acts: bool) -> DeskError:
    """Word errors may carry a detail after a colon (``invalidArgument: symbol``) and vary in case."""
    word, _, detail = text.partition(":")
    known = next((error for error in WordError if error.casefold() == word.strip().casefold()), None)
    if known is None:
        if acts:
            return OutcomeUnknown(f"Kraken answered with an error this program does not know: {text!r}", _REPORT)
        return UnknownAnswer(f"Kraken answered with an error this program does not know: {text!r}", word=text)
    if known is W.API_LIMIT_EXCEEDED:
        return rate_limited(wait_s, text)
    kind, what, advice = WORDS[known]
    if acts and known in _OPEN_OUTCOMES:
        return OutcomeUnknown(what, _REPORT)
    return kind(f"{what}: {detail.strip()}" if detail.strip() else what, advice, word=text)


def _by_code(entry: CodedError) -> VenueError:
    known = next((code for code in ErrorCode if code == entry.code), None)
    word = f"{entry.code} {entry.message}".strip()
    if known is None:
        return UnknownAnswer(f"Kraken answered with an error code this program does not know: {word}", word=word)
    kind, what, advice = CODES[known]
    if kind is OrderRefused:
        return OrderRefused(what, advice, status=entry.message or str(entry.code))
    shown = f"{what}: {entry.message}" if known in (C.GENERAL, C.ARGUMENT_INVALID) and entry.message else what
    if "404" in entry.message:
        return NotFound("Kraken has no such address", "Check the symbol", word=word)
    return kind(shown, advice, word=word)


def _refused_elsewhere(reply: Reply, wait_s: float | None) -> VenueError | None:
    """Refusals that are told by the HTTP status: history, key check, gateways."""
    if reply.status == 429:
        return rate_limited(wait_s, "HTTP 429")
    if reply.status == 401:
        return AuthenticationRefused("Kraken did not accept the API key", _KEYS, word=_reason(reply) or "HTTP 401")
    if reply.status == 403:
        return NotPermitted("The API key may not do this, or not from this address", _RIGHTS, word=_reason(reply))
    if reply.status == 404:
        return NotFound("Kraken has no such address", "Check the symbol", word=_reason(reply) or "HTTP 404")
    if reply.status == 400:
        return BadArgument("Kraken could not read the request", "Check symbol and arguments", word=_reason(reply))
    return None


def _by_status(reply: Reply, wait_s: float | None, *, acts: bool, cause: str) -> DeskError:
    if acts and reply.status != 405:  # 405 comes from a gateway in maintenance that passes nothing on
        detail = f": {cause}" if cause else ""
        return OutcomeUnknown(f"The answer could not be understood (HTTP {reply.status}{detail})", _REPORT)
    if reply.status == 405 or reply.status >= 500:
        later = f"Kraken asks to wait {wait_s:g} s" if wait_s is not None else _LATER
        return VenueUnavailable("Kraken is not available, perhaps for maintenance", later, word=f"HTTP {reply.status}")
    return UnknownAnswer(f"The answer could not be understood (HTTP {reply.status})", word=cause or f"{reply.status}")


def _reason(reply: Reply) -> str:
    """The venue's short reason in a body outside the trading envelope, or its plain text if that is short."""
    try:
        told = decode(HistoryRefusal, reply.body)
    except MalformedError:
        text = reply.body[:80].decode(errors="replace").strip()
        return "" if text.startswith(("<", "{")) else text
    return told.error or told.reason or told.message or told.status or ""
