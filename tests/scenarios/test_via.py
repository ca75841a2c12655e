"""Every scenario over real sockets: what Lull answers does not depend on how the question came."""

from __future__ import annotations

import pathlib

import pytest

from tests.scenarios import parse
from tests.scenarios.play import play

_ALL = [
    pytest.param(path, scenario.heading, id=f"{path.name}::{scenario.heading}")
    for path in sorted(pathlib.Path(__file__).parent.glob("*.md"))
    for scenario in parse.read(path).scenarios
]


@pytest.mark.parametrize(("path", "heading"), _ALL)
@pytest.mark.parametrize("way", ["udp", "tcp"])
def test_over_sockets(path: pathlib.Path, heading: str, way: str) -> None:
    play(path, heading, way)
