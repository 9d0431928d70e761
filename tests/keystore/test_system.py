from __future__ import annotations

import subprocess
import sys
import threading

import pytest
from keyring.errors import KeyringLocked

from tests.keystore.conftest import MemoryKeyring, install
from tui.keystore import system
from tui.keystore.system import NoKeyring, drop_text, get_text, put_text


def test_a_text_is_kept_found_and_forgotten(memory: MemoryKeyring) -> None:
    assert get_text("a@x") is None
    assert put_text("a@x", "canary") == "Memory"
    assert get_text("a@x") == ("canary", "Memory")
    assert list(memory.kept) == [("kftui", "a@x")]
    assert drop_text("a@x") == "Memory"
    assert drop_text("a@x") is None


@pytest.mark.usefixtures("no_keyring")
def test_a_system_without_one_is_told_at_once() -> None:
    for question in (lambda: get_text("a@x"), lambda: put_text("a@x", "canary"), lambda: drop_text("a@x")):
        with pytest.raises(NoKeyring, match="no keyring"):
            question()


def test_one_that_its_makers_do_not_recommend_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    class PlainText(MemoryKeyring):
        priority = 0.5

    plain = install(PlainText(), monkeypatch)
    with pytest.raises(NoKeyring, match="no keyring"):
        put_text("a@x", "canary")
    assert plain.kept == {}


@pytest.mark.parametrize("error", [KeyringLocked("canary"), RuntimeError("canary"), OSError("canary")])
def test_whatever_a_keyring_raises_becomes_words_without_its_text(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    class Broken(MemoryKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            del service, username
            raise error

    install(Broken(), monkeypatch)
    with pytest.raises(NoKeyring) as caught:
        get_text("a@x")
    assert caught.value.what == f"the system's keyring failed ({type(error).__name__})"


def test_one_that_waits_for_nobody_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    end = threading.Event()

    class Waiting(MemoryKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            del service, username
            end.wait()
            return None

    install(Waiting(), monkeypatch)
    monkeypatch.setattr(system, "PATIENCE_S", 0.05)
    try:
        with pytest.raises(NoKeyring, match=r"did not answer within 0\.05 s"):
            get_text("a@x")
    finally:
        end.set()


def test_it_is_imported_by_nobody_who_does_not_ask() -> None:
    program = "import sys, tui.cli, tui.login, tui.desk, tui.headless; sys.exit('keyring' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0
