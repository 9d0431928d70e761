from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.logs import RedactionFilter, hide, open_log

SECRET = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5"


@pytest.fixture(autouse=True)
def root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        if handler not in handlers:
            handler.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)


def written(path: Path) -> str:
    for handler in logging.getLogger().handlers:
        handler.flush()
    return path.read_text(encoding="utf-8")


def test_a_secret_never_reaches_the_file(tmp_path: Path) -> None:
    open_log(tmp_path / "kftui.log", environ={"KRAKEN_FUTURES_PRIVATE_KEY": f" {SECRET}"})
    log = logging.getLogger("test")
    log.warning("headers: %s", {"Authent": "abc123==", "APIKey": "public-key-text"})
    log.warning("the secret is %s", SECRET)
    try:
        raise ValueError(SECRET)
    except ValueError:
        log.exception("failed")
    text = written(tmp_path / "kftui.log")
    assert SECRET not in text
    assert "abc123" not in text
    assert "public-key-text" not in text
    assert "failed" in text


def test_keys_that_come_later_are_left_out_from_then_on(tmp_path: Path) -> None:
    open_log(tmp_path / "kftui.log", environ={})
    hide(SECRET, "short")
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("test").exception("a short story about %s", SECRET)
    text = written(tmp_path / "kftui.log")
    assert SECRET not in text
    assert "a short story about [redacted]" in text


def test_ordinary_text_passes_unchanged() -> None:
    assert RedactionFilter().redact("order 17 filled at 87,959.9") == "order 17 filled at 87,959.9"
