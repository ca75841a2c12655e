import pathlib

import pytest

from tests.admin.household import Opener, compile_lists


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[pathlib.Path, pathlib.Path]:
    """A state directory with compiled lists, and where their files are."""
    directory = tmp_path_factory.mktemp("made")
    compile_lists(directory / "state", directory / "lists")
    return directory / "state", directory / "lists"


@pytest.fixture
def open_house(tmp_path: pathlib.Path, made: tuple[pathlib.Path, pathlib.Path]) -> Opener:
    return Opener(tmp_path / "state", made[1], made[0])
