from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.client.derivatives.parts import KEYS
from tui.client.derivatives.auth import Nonces, Signer
from tui.wire.derivatives.signing import authent


@given(st.lists(st.integers(min_value=0, max_value=2**63), max_size=50))
def test_nonces_rise_strictly_whatever_the_clock_does(clock: list[int]) -> None:
    nonces = Nonces()
    made = [int(nonces.next(now)) for now in clock]
    assert all(later > earlier for earlier, later in pairwise(made))


def test_the_signature_covers_query_then_body_and_leaves_the_prefix_out() -> None:
    headers = Signer(KEYS).headers("/derivatives/api/v3/sendorder", b"a=1", b"b=2", 1_760_000_000_000)
    assert headers["APIKey"] == KEYS.api_key
    assert headers["Nonce"] == "1760000000000"
    assert headers["Authent"] == authent("a=1b=2", "1760000000000", "/api/v3/sendorder", KEYS.secret)
