from __future__ import annotations

import re
from pathlib import Path

from tui.cli import build_parser
from tui.screens.actions import ACTIONS
from tui.settings import Settings, flatten_settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def between(start: str, end: str) -> str:
    return README.split(start, 1)[1].split("-->", 1)[1].split(end, 1)[0].strip()


def keys_table() -> str:
    rows = ["| key | does | name |", "|---|---|---|"]
    rows += [f"| {_keys(action.keys)} | {action.label}. {action.help} | `{action.id}` |" for action in ACTIONS]
    return "\n".join(rows)


def _keys(keys: str) -> str:
    return " ".join(f"`{key}`" for key in keys.split(","))


def settings_table() -> str:
    rows = ["| setting | default |", "|---|---|"]
    rows += [f"| `{name}` | {_shown(value)} |" for name, value in flatten_settings(Settings())]
    return "\n".join(rows)


def _shown(value: object) -> str:
    if value is None or value in ((), {}):
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def test_the_key_table_is_the_registry() -> None:
    assert between("<!-- keys:", "<!-- end of keys -->") == keys_table()


def test_the_settings_table_is_the_settings() -> None:
    assert between("<!-- settings:", "<!-- end of settings -->") == settings_table()


def test_the_first_two_shell_blocks_run_the_desk_and_the_tests() -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert [len(block.strip().splitlines()) for block in blocks[:2]] == [1, 1]
    assert blocks[0].strip().endswith("kftui")
    assert "pytest" in blocks[1]


def test_every_command_is_documented_and_exists() -> None:
    documented = set(re.findall(r"^\| `kftui ([a-z-]+)[ `]", README, re.MULTILINE)) - {"--live", "--url"}
    actions = next(action for action in build_parser()._actions if action.dest == "command")
    assert isinstance(actions.choices, dict)
    assert documented == set(actions.choices)


def test_every_picture_exists() -> None:
    for picture in re.findall(r"\]\((screenshots/[^)]+)\)", README):
        assert (ROOT / picture).is_file(), picture
