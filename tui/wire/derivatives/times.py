"""Venue times to integer milliseconds and back.

Invariant: an instant is an ``int`` of milliseconds since the epoch, UTC, everywhere inside the program; the
venue's ISO text (0 to 6 fractional digits seen live, ``Z``) exists only on the wire.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(iso: str) -> int:
    """Milliseconds of an ISO-8601 time; a time without zone is UTC. ``ValueError`` if it is no time."""
    moment = datetime.fromisoformat(iso)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MILLISECOND


def to_iso(ms: int) -> str:
    """``2020-08-27T17:03:33.196Z``: three fractional digits, as the trading API sends times."""
    seconds, millis = divmod(ms, 1000)
    return f"{_second(seconds)}.{millis:03d}Z"


@lru_cache(maxsize=1_024)  # an exchange says the same few seconds over and over
def _second(seconds: int) -> str:
    return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}"
