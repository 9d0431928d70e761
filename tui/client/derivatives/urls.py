"""From one base URL to every address of the venue, and whether real money is behind it.

Invariant: a host is LIVE only if it is Kraken's, PAPER only if it is this machine, and refused otherwise; so no
screen can show PAPER over somebody's real account.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from tui.model.enums import Environment
from tui.model.errors import SettingsError
from tui.wire.derivatives.routes import WS_PATH

LIVE_HOST = "futures.kraken.com"
LIVE_URL = f"https://{LIVE_HOST}"
_RETIRED = "demo-futures.kraken.com"
_EXAMPLES = f"Use {LIVE_URL} or http://127.0.0.1:<port>"


class VenueUrl(Struct, frozen=True):
    """``base`` without a trailing slash; REST paths are appended to it as they are. ``stream`` is the socket."""

    base: str
    stream: str
    environment: Environment


def venue_url(text: str) -> VenueUrl:
    """The venue behind a base URL as typed. Raises ``SettingsError`` with what to write instead."""
    parts = _split(text.strip())
    host = (parts.hostname or "").lower()
    if host == _RETIRED:
        raise SettingsError(f"{_RETIRED} was retired in July 2026", "Use the paper exchange: kftui exchange")
    environment = _environment(host)
    if environment is None:
        raise SettingsError(f"{host} is neither Kraken's host nor this machine", _EXAMPLES)
    if environment is Environment.LIVE and parts.scheme != "https":
        raise SettingsError("Keys are not sent over plain http", f"Use {LIVE_URL}")
    scheme = "wss" if parts.scheme == "https" else "ws"
    return VenueUrl(f"{parts.scheme}://{parts.netloc}", f"{scheme}://{parts.netloc}{WS_PATH}", environment)


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise SettingsError(f"{text!r} is not a URL: {error}", _EXAMPLES) from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(f"{text!r} is not a base URL", _EXAMPLES)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise SettingsError(f"{text!r} has more than scheme, host and port", _EXAMPLES)
    if parts.username is not None or parts.password is not None:
        raise SettingsError("The URL holds a user name", "Keys come from the environment, not from the URL")
    if port == 0:
        raise SettingsError("Port 0 is no address", "Give the port that the exchange printed")
    return parts._replace(netloc=parts.netloc.lower())


def _environment(host: str) -> Environment | None:
    if host == LIVE_HOST:
        return Environment.LIVE
    if host == "localhost":
        return Environment.PAPER
    try:
        return Environment.PAPER if ipaddress.ip_address(host).is_loopback else None
    except ValueError:
        return None
