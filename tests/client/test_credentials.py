from __future__ import annotations

import base64
import logging
import pickle
import traceback
from io import StringIO
from pprint import pformat

import msgspec
import pytest
from rich.console import Console
from rich.pretty import pretty_repr
from rich.traceback import Traceback

from tui.client.credentials import Credentials, credentials, from_environment
from tui.keystore.pair import Pair
from tui.model.errors import CredentialsError
from tui.wire.derivatives.signing import ApiSecret, authent

KEY = "CMl2SeSn09Tz+2tWuzPiPUjaXEQRGq6qv5UaexXuQ3SnahDQU/gO3aT+"
SECRET = base64.b64encode(bytes(range(64))).decode()
BOTH = {"KRAKEN_FUTURES_API_KEY": KEY, "KRAKEN_FUTURES_PRIVATE_KEY": SECRET}


def test_both_halves_come_from_the_environment_and_sign_the_published_vector() -> None:
    found = from_environment(BOTH)
    assert found.api_key == KEY
    assert authent("", "1760000000000", "/derivatives/api/v3/openpositions", found.secret) == (
        "aDlGdxfx1H6VJ+r4V+lyA33DmYhW0c2vKYUhpYPIDhun3unfNBPaaVnkKfWrZRN0gRi9p2ytKJU+yekH4uQ67w=="
    )


def test_the_second_name_of_the_private_key_is_read_and_outer_blanks_are_ignored() -> None:
    found = from_environment({"KRAKEN_FUTURES_API_KEY": f" {KEY}\n", "KRAKEN_FUTURES_API_SECRET": f"{SECRET} "})
    assert found == from_environment(BOTH)


def test_the_same_private_key_under_both_names_is_no_conflict() -> None:
    assert from_environment({**BOTH, "KRAKEN_FUTURES_API_SECRET": SECRET}) == from_environment(BOTH)


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, "KRAKEN_FUTURES_API_KEY and KRAKEN_FUTURES_PRIVATE_KEY not set"),
        ({"KRAKEN_FUTURES_API_KEY": KEY}, "KRAKEN_FUTURES_PRIVATE_KEY not set"),
        ({"KRAKEN_FUTURES_PRIVATE_KEY": SECRET}, "KRAKEN_FUTURES_API_KEY not set"),
        ({"KRAKEN_API_KEY": KEY}, "KRAKEN_API_KEY is set, but Spot keys do not work here"),
        ({**BOTH, "KRAKEN_API_KEY": KEY}, "which is a Spot key"),
        ({**BOTH, "KRAKEN_FUTURES_API_SECRET": KEY}, "are both set and differ"),
        ({**BOTH, "KRAKEN_FUTURES_PRIVATE_KEY": "canary-not-base64!"}, "not valid base64"),
        ({**BOTH, "KRAKEN_FUTURES_PRIVATE_KEY": SECRET[:-1]}, "not valid base64"),
        ({**BOTH, "KRAKEN_FUTURES_PRIVATE_KEY": f"{SECRET[:40]} {SECRET[40:]}"}, "blank or a line break"),
        ({**BOTH, "KRAKEN_FUTURES_API_KEY": f'"{KEY}"'}, "quotation marks"),
        ({**BOTH, "KRAKEN_FUTURES_API_KEY": "schlüssel"}, "letters that no key has"),
        ({"KRAKEN_FUTURES_API_KEY": SECRET, "KRAKEN_FUTURES_PRIVATE_KEY": KEY}, "look swapped"),
        ({"KRAKEN_FUTURES_API_KEY": SECRET, "KRAKEN_FUTURES_PRIVATE_KEY": SECRET}, "are the same text"),
    ],
)
def test_each_mistake_is_named_in_words_and_never_shows_the_private_key(environ: dict[str, str], words: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        from_environment(environ)
    text = str(caught.value)
    assert words in text
    assert SECRET[:20] not in text
    assert "canary" not in text


@pytest.mark.parametrize("held", [credentials(KEY, SECRET), Pair(KEY, SECRET), credentials(KEY, SECRET).secret])
def test_no_text_form_shows_a_key(held: Credentials | Pair | ApiSecret) -> None:
    shown = [f"{held!r} {held} {[held]} {held!s:>10}", pformat({"held": held}), pretty_repr([held])]
    record = logging.makeLogRecord({"msg": "opened with %s %r", "args": (held, held)})
    shown.append(logging.Formatter().format(record))
    try:
        raise ValueError(held)
    except ValueError as error:
        shown.append("".join(traceback.TracebackException.from_exception(error, capture_locals=True).format()))
        console = Console(file=StringIO(), record=True, width=200)
        console.print(Traceback(show_locals=True))
        shown.append(console.export_text())
    for text in shown:
        assert SECRET[:8] not in text
        assert KEY[:8] not in text
        assert repr(bytes(range(32, 48)))[2:-1] not in text


@pytest.mark.parametrize("held", [credentials(KEY, SECRET), Pair(KEY, SECRET), credentials(KEY, SECRET).secret])
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_no_key_is_pickled(held: Credentials | Pair | ApiSecret, protocol: int) -> None:
    with pytest.raises(TypeError, match="not written anywhere"):
        pickle.dumps(held, protocol)


def test_the_private_half_has_no_json() -> None:
    for encode in (msgspec.json.encode, msgspec.to_builtins, msgspec.msgpack.encode):
        with pytest.raises(TypeError):
            encode(credentials(KEY, SECRET))
