import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.exchange.auth import Leniency, NonceWindow, SignedRequest, challenge_fits, signature_fits
from tui.wire.derivatives.outcomes import WordError
from tui.wire.derivatives.signing import ApiSecret, authent, sign_challenge

SECRET = ApiSecret("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==")
PATH = "/derivatives/api/v3/sendorder"
STRICT = Leniency()


def signed(
    data: bytes, *, query: bytes = b"", body: bytes = b"", method: str = "POST", nonce: str = "7"
) -> SignedRequest:
    return SignedRequest(method, PATH, query, body, "key", authent(data, nonce, PATH, SECRET), nonce)


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_body_query_and_both_together_are_accepted(query: bytes, body: bytes) -> None:
    for data in {query + body, body or query, query or body}:
        assert signature_fits(signed(data, query=query, body=body), SECRET, STRICT)


@pytest.mark.parametrize(
    "request_",
    [
        signed(b"size=1", body=b"size=2"),
        signed(b"", body=b"size=2"),
        signed(b"b=2a=1", query=b"a=1", body=b"b=2"),
        SignedRequest("POST", PATH, b"", b"", "key", "", "7"),
        SignedRequest("POST", PATH, b"", b"", "key", "ümläut", "7"),
        SignedRequest("POST", PATH, b"", b"", "key", authent(b"", "8", PATH, SECRET), "7"),
        SignedRequest("POST", PATH, b"", b"", "key", authent(b"", "7", "/api/v3/editorder", SECRET), "7"),
    ],
)
def test_anything_else_is_not(request_: SignedRequest) -> None:
    assert not signature_fits(request_, SECRET, STRICT)


@pytest.mark.parametrize("plain", [b"cliOrdId=my order/1", b"cliOrdId=my+order/1"])
def test_the_decoded_form_needs_its_switch(plain: bytes) -> None:
    request = signed(plain, body=b"cliOrdId=my+order%2F1" if b"+" in plain else b"cliOrdId=my%20order%2F1")
    assert not signature_fits(request, SECRET, STRICT)
    assert signature_fits(request, SECRET, Leniency(decoded=True))


def test_plus_as_space_counts_as_decoded_too() -> None:
    request = signed(b"cliOrdId=my order/1", body=b"cliOrdId=my+order%2F1")
    assert signature_fits(request, SECRET, Leniency(decoded=True))


def test_an_empty_get_needs_its_switch_and_a_get() -> None:
    get = signed(b"", query=b"lastFillTime=x", method="GET")
    assert not signature_fits(get, SECRET, STRICT)
    assert signature_fits(get, SECRET, Leniency(empty_get=True))
    assert not signature_fits(signed(b"", query=b"a=1"), SECRET, Leniency(empty_get=True))


def test_challenges() -> None:
    assert challenge_fits("abc", sign_challenge("abc", SECRET), SECRET)
    assert not challenge_fits("abd", sign_challenge("abc", SECRET), SECRET)
    assert not challenge_fits("abc", "", SECRET)


def test_nonces_rise_repeat_and_fall() -> None:
    window = NonceWindow(10)
    assert window.check("1760000000000") is None
    assert window.check("1760000000001") is None
    assert window.check("1760000000001") is WordError.NONCE_DUPLICATE
    assert window.check("1759999995000") is None
    assert window.check("1759999995000") is WordError.NONCE_DUPLICATE
    assert window.check("1759999989000") is WordError.NONCE_BELOW_THRESHOLD


@pytest.mark.parametrize("digits", [13, 16, 18, 19])
def test_the_window_is_seconds_whatever_the_unit(digits: int) -> None:
    unit = 10 ** (digits - 10)
    window = NonceWindow(10)
    highest = 1_760_000_000 * unit
    assert window.check(str(highest)) is None
    assert window.check(str(highest - 9 * unit)) is None
    assert window.check(str(highest - 11 * unit)) is WordError.NONCE_BELOW_THRESHOLD


def test_a_window_of_zero_wants_strictly_rising_nonces() -> None:
    window = NonceWindow(0)
    assert [window.check(nonce) for nonce in ("5", "6", "5", "6", "7")] == [
        None,
        None,
        WordError.NONCE_BELOW_THRESHOLD,
        WordError.NONCE_DUPLICATE,
        None,
    ]


def test_no_nonce_is_no_matter_and_nonsense_is_below() -> None:
    window = NonceWindow(10)
    assert window.check("") is None
    for nonsense in ("abc", "-1", "1.5", "٣", "9" * 31):
        assert window.check(nonsense) is WordError.NONCE_BELOW_THRESHOLD


@given(st.lists(st.integers(0, 60), max_size=60))
def test_a_nonce_passes_at_most_once(nonces: list[int]) -> None:
    window = NonceWindow(10)
    passed = [nonce for nonce in nonces if window.check(str(nonce)) is None]
    assert len(passed) == len(set(passed))
    assert len(window._seen) <= 11


def test_memory_is_bounded() -> None:
    window = NonceWindow(86_400)
    for nonce in range(12_000):
        window.check(str(1_760_000_000_000 + nonce))
    assert len(window._seen) == 10_000
