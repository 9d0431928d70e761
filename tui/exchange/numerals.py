"""Numbers in the exponent form in which the venue's doubles sometimes come (live captures: ``4.48E-4``, ``5e-9``).

Invariant: only the spelling changes; the value of every number, and all text, stay as they are.
"""

import re
from decimal import Context, Decimal
from typing import Final

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+\.\d+')


def with_exponents(json_text: str) -> str:
    """``json_text`` with every fraction as ``d.dE±n``; whole numbers (times, counters) stay plain."""
    return _TOKEN.sub(_spell, json_text)


def _spell(match: re.Match[str]) -> str:
    token = match[0]
    if token.startswith('"'):
        return token
    exact = Context(prec=len(token))
    return f"{Decimal(token).normalize(exact):E}"
