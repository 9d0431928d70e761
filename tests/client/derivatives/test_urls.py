from __future__ import annotations

import pytest

from tui.client.derivatives.urls import venue_url
from tui.model.enums import Environment
from tui.model.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "base", "stream", "environment"),
    [
        (
            "https://futures.kraken.com",
            "https://futures.kraken.com",
            "wss://futures.kraken.com/ws/v1",
            Environment.LIVE,
        ),
        (
            "https://FUTURES.kraken.com/",
            "https://futures.kraken.com",
            "wss://futures.kraken.com/ws/v1",
            Environment.LIVE,
        ),
        ("http://127.0.0.1:8750", "http://127.0.0.1:8750", "ws://127.0.0.1:8750/ws/v1", Environment.PAPER),
        (" http://localhost:1/ ", "http://localhost:1", "ws://localhost:1/ws/v1", Environment.PAPER),
        ("http://[::1]:8750", "http://[::1]:8750", "ws://[::1]:8750/ws/v1", Environment.PAPER),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8443", "wss://127.0.0.1:8443/ws/v1", Environment.PAPER),
    ],
)
def test_a_base_url_gives_every_address(text: str, base: str, stream: str, environment: Environment) -> None:
    where = venue_url(text)
    assert (where.base, where.stream, where.environment) == (base, stream, environment)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a base URL"),
        ("futures.kraken.com", "not a base URL"),
        ("ws://127.0.0.1:1", "not a base URL"),
        ("http://futures.kraken.com", "plain http"),
        ("https://demo-futures.kraken.com", "retired"),
        ("https://futures.kraken.com.evil.example", "neither Kraken's host nor this machine"),
        ("https://api.kraken.com", "neither Kraken's host nor this machine"),
        ("http://192.168.1.10:8750", "neither Kraken's host nor this machine"),
        ("https://futures.kraken.com/derivatives/api/v3", "more than scheme, host and port"),
        ("https://futures.kraken.com?x=1", "more than scheme, host and port"),
        ("https://user:canary@futures.kraken.com", "holds a user name"),
        ("http://127.0.0.1:99999", "not a URL"),
        ("http://127.0.0.1:0", "Port 0"),
        ("http://[::1", "not a URL"),
    ],
)
def test_what_is_no_venue_is_refused_with_a_way_out(text: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        venue_url(text)
    assert words in caught.value.what
    assert caught.value.advice
