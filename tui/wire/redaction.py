"""Takes out of what was said over the wire who said it and how it was signed.

Invariant: no key, signature, challenge or name of an account is left in a text that was redacted, be it whole or cut
off in the middle. Amounts, prices, order ids and symbols stay: they are what a recording is looked at for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

REDACTED: Final = "redacted"
_SIGNED: Final = "api_?key|original_challenge|signed_challenge|authent|nonce|private_?key"
_NAMED: Final = "account|username|(?:master_?)?account_?uid|iiban|email|full_?name"
_VALUE: Final = r'"(?:[^"\\]|\\[\s\S]?)*+("|$)'
_TELLING: Final = re.compile(rf'(?i)("(?:{_SIGNED}|{_NAMED})"\s*:\s*){_VALUE}')
_HINTS: Final = ("api", "challenge", "authent", "nonce", "private", "account", "user", "iiban", "email", "full")
"""Each name above holds one of these. Most frames hold none, and looking for words is a tenth of the work."""

_CHALLENGE: Final = re.compile(rf'("message"\s*:\s*){_VALUE}')


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """JSON ``text`` without telling values, and without the literal ``secrets`` wherever they stand."""
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    lowered = text.lower()
    if not any(hint in lowered for hint in _HINTS):
        return text
    text = _TELLING.sub(rf'\1"{REDACTED}\2', text)
    if '"challenge"' in text[:200]:
        text = _CHALLENGE.sub(rf'\1"{REDACTED}\2', text)
    return text
