"""Which program this is, as installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    try:
        return version("kraken-futures-tui")
    except PackageNotFoundError:
        return "(not installed)"
