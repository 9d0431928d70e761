from __future__ import annotations

import ast
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parent.parent


def test_imports_run_one_way(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


@pytest.mark.parametrize("charter", sorted((ROOT / "tui").rglob("__init__.py")), ids=lambda path: path.parent.name)
def test_a_package_says_what_it_is_for_and_holds_no_logic(charter: Path) -> None:
    module = ast.parse(charter.read_text(encoding="utf-8"))
    assert ast.get_docstring(module), f"{charter} has no docstring"
    rest = [node for node in module.body[1:] if not isinstance(node, ast.Import | ast.ImportFrom | ast.Assign)]
    assert not rest, f"{charter} holds code beyond imports and __all__"
