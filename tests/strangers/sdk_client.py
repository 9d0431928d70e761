"""python-kraken-sdk's Futures clients, with nothing changed but where they go."""

from typing import Any

from tests.strangers.place import Place


def configured(kind: Any, place: Place) -> Any:
    """A client of class ``kind`` that talks to ``place``."""
    return kind(key=place.api_key, secret=place.private_key, url=place.url)
