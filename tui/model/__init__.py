"""What trading is: frozen values and formulas. No I/O, no clock, no venue words.

Imported by every layer above; imports nothing of ours. Amounts are ``Decimal``; times are integer
milliseconds since the epoch, UTC (``*_ms``); symbols keep the spelling the venue uses.
"""
