"""The README's examples, as written: only the port is the test's."""

import re
import subprocess
import sys
from pathlib import Path

from tests.e2e.exchange_process import environment
from tests.strangers.place import Place, library

library("ccxt")
library("kraken")

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = README.split("## The paper exchange, for your own programs", 1)[1].split("\n## ", 1)[0]
EXAMPLES = re.findall(r"^```python\n(.*?)^```", SECTION, re.DOTALL | re.MULTILINE)
ADDRESS = "http://127.0.0.1:8750"
RUN_S = 60


def run(code: str, place: Place) -> list[str]:
    """What it prints."""
    assert ADDRESS in code
    done = subprocess.run(
        [sys.executable, "-c", code.replace(ADDRESS, place.url)],
        capture_output=True,
        text=True,
        timeout=RUN_S,
        env=environment(PYTHONWARNINGS="default"),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_there_is_one_for_ccxt_and_one_for_the_sdk() -> None:
    assert ["ccxt" in code for code in EXAMPLES] == [True, False]
    assert ["kraken.futures import" in code for code in EXAMPLES] == [False, True]


def test_the_ccxt_example_trades(still: Place) -> None:
    bought, held = run(EXAMPLES[0], still)
    assert bought.startswith("closed 0.01 at ")
    assert held.startswith("0.01 held, 49999.")


def test_the_sdk_example_trades(still: Place) -> None:
    placed, resting, gone = run(EXAMPLES[1], still)
    assert placed.startswith("placed ")
    assert (resting, gone) == ("1 order rests", "cancelled")


def test_the_tables_variables_make_programs_trust_it(tmp_path: Path) -> None:
    library("trustme")
    asks = {
        "SSL_CERT_FILE": "import httpx; print(httpx.get('{url}').status_code)",
        "REQUESTS_CA_BUNDLE": "import requests; print(requests.get('{url}').status_code)",
    }
    untold = {name: value for name, value in environment().items() if name not in {*asks, "CURL_CA_BUNDLE"}}
    with Place(("--tls", "--activity", "0"), home=tmp_path) as place:
        for variable, ask in asks.items():
            code = ask.format(url=place.url + "/derivatives/api/v3/tickers")
            for told, status in (({}, 1), ({variable: place.ready["certificate"]}, 0)):
                command = [sys.executable, "-c", code]
                done = subprocess.run(command, capture_output=True, timeout=RUN_S, env=untold | told, check=False)
                assert done.returncode == status, (variable, done.stderr)
