"""A crash on request: the program is gone, unanswered, and its account is there when it comes back."""

import httpx
import pytest

from tests.exchange.test_program import TIMEOUT_S, running
from tui.exchange.venue import CRASHED


def test_a_crash_ends_the_program_without_an_answer() -> None:
    with running("--control") as child:
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.post(child.ready["url"] + "/paper/v1/crash", timeout=TIMEOUT_S, trust_env=False)
        assert child.process.wait(TIMEOUT_S) == CRASHED
        child.process.communicate()
