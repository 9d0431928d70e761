from pathlib import Path

from tui.exchange.folder import own_folder
from tui.paths import find_paths


def test_it_is_a_folder_of_the_desks_data_wherever_that_is(tmp_path: Path) -> None:
    for environ in ({}, {"KFTUI_HOME": str(tmp_path)}):
        assert own_folder(environ) == find_paths(environ).data / "exchange"
