"""ccxt's Kraken Futures client, with nothing changed but where it goes (and its pacing off)."""

from typing import Any

from tests.strangers.place import VENUE, Place

LINEAR = "BTC/USD:USD"
INVERSE = "BTC/USD:BTC"


def configured(kind: Any, place: Place) -> Any:
    """A client of class ``kind`` that talks to ``place``."""
    client = kind({"apiKey": place.api_key, "secret": place.private_key, "enableRateLimit": False})
    moved = {name: url.replace(VENUE, place.url) for name, url in client.urls["api"].items()}
    client.urls["api"] = moved | ({"ws": place.ws} if "ws" in moved else {})
    return client
