from __future__ import annotations

from typing import ClassVar

import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as BareSystem


class MemoryKeyring(KeyringBackend):
    """A keyring that works. ``priority`` is how much its makers recommend it; from 1 on they do."""

    priority: ClassVar[float] = 5
    name = "Memory"

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # the library's own lacks types
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> MemoryKeyring:
    return install(MemoryKeyring(), monkeypatch)


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keyring.core.get_keyring", BareSystem)


def install(backend: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> MemoryKeyring:
    monkeypatch.setattr("keyring.core.get_keyring", lambda: backend)
    return backend
