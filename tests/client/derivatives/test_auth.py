from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.client.derivatives.parts import KEYS
from tui.client.derivatives.auth import FIRST_LEAP_NS, LONGEST_LEAP_NS, Nonces, Signer
from tui.wire.derivatives.signing import authent


@given(st.lists(st.integers(min_value=0, max_value=2**63), max_size=50))
def test_nonces_rise_strictly_whatever_the_clock_does(clock: list[int]) -> None:
    nonces = Nonces()
    made = [int(nonces.next(now)) for now in clock]
    assert all(later > earlier for earlier, later in pairwise(made))


def test_refused_nonces_leap_ahead_once_for_all_that_were_on_their_way_and_further_each_time() -> None:
    nonces, now_ns = Nonces(), 1_760_000_000_000_000_000
    before = nonces.last
    first = int(nonces.next(now_ns))
    nonces.refused(before)
    nonces.refused(before)
    leapt = nonces.last
    assert int(nonces.next(now_ns)) == first + FIRST_LEAP_NS
    nonces.refused(leapt)
    assert int(nonces.next(now_ns)) == first + 8 * FIRST_LEAP_NS
    for _ in range(20):
        nonces.refused(nonces.last)
        last = int(nonces.next(now_ns))
    assert last <= first + LONGEST_LEAP_NS + 20


def test_the_signature_covers_query_then_body_and_leaves_the_prefix_out() -> None:
    headers = Signer(KEYS).headers("/derivatives/api/v3/sendorder", b"a=1", b"b=2", 1_760_000_000_000)
    assert headers["APIKey"] == KEYS.api_key
    assert headers["Nonce"] == "1760000000000"
    assert headers["Authent"] == authent("a=1b=2", "1760000000000", "/api/v3/sendorder", KEYS.secret)
