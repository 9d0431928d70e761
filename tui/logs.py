"""One rotating log file, and one filter that no secret passes.

The screen belongs to the desk, so nothing is logged to it. The filter knows the literal secrets of this run and the
header names that carry signatures, and blanks both in every record, whatever library wrote it.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Mapping
from logging.handlers import RotatingFileHandler
from pathlib import Path

_SIGNED = re.compile(
    r"(?i)(authent|apikey|api_key|signed_challenge|original_challenge)(['\"]?\s*[:=]\s*b?['\"]?)[^\s'\",}]+"
)
SHORTEST_SECRET = 8
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class RedactionFilter(logging.Filter):
    """Replaces known secrets and signature values in the finished text of a record."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets: set[str] = set()
        self.hide(secrets)

    def hide(self, secrets: Iterable[str]) -> None:
        """Blank these, too, from now on."""
        self._secrets |= {secret.strip() for secret in secrets if len(secret.strip()) >= SHORTEST_SECRET}

    def redact(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[redacted]")
        return _SIGNED.sub(r"\1\2[redacted]", text)

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = self.redact(record.getMessage())
        record.args = None
        return True


class _RedactingFormatter(logging.Formatter):
    """Tracebacks are rendered after filters ran, so the finished text is redacted once more."""

    def __init__(self, redaction: RedactionFilter) -> None:
        super().__init__(_FORMAT)
        self._redaction = redaction

    def format(self, record: logging.LogRecord) -> str:
        return self._redaction.redact(super().format(record))


def open_log(path: Path, *, environ: Mapping[str, str] = os.environ, level: int = logging.INFO) -> None:
    """Send all logging to ``path`` (1 MiB, three old ones kept), without the keys that ``environ`` holds."""
    redaction = RedactionFilter(value for name, value in environ.items() if name.startswith("KRAKEN_"))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=1 << 20, backupCount=3, encoding="utf-8", delay=True)
    handler.addFilter(redaction)
    handler.setFormatter(_RedactingFormatter(redaction))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "websockets", "asyncio"):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))


def hide(*secrets: str) -> None:
    """Keep these out of the open log; for keys that did not come from the environment."""
    for handler in logging.getLogger().handlers:
        for known in handler.filters:
            if isinstance(known, RedactionFilter):
                known.hide(secrets)
