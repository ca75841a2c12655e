"""What a peer has from one start to the next."""

from __future__ import annotations

import pathlib

import pytest

from benchmarks.bench.peers import Bind, Dnsdist, Knot, Unbound
from benchmarks.bench.servers import NotRunning, Server
from benchmarks.bench.workload import made_rules
from resolver.listen import sockets


def test_what_knot_was_told_in_one_round_is_not_known_in_the_next(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # where it is not
    knot = Knot(tmp_path, made_rules(tmp_path / "rules", 10), 53)
    for name in ("data.mdb", "lock.mdb", "rpz.zone"):
        (knot.folder / name).write_bytes(b"kept")
    with pytest.raises(NotRunning):
        knot.start()
    assert [path.name for path in knot.folder.iterdir()] == ["rpz.zone"]


@pytest.mark.parametrize("kind", [Unbound, Dnsdist, Bind])
def test_those_that_can_be_told_have_as_much_of_a_buffer_as_lull(tmp_path: pathlib.Path, kind: type[Server]) -> None:
    rules = made_rules(tmp_path / "rules", 10)
    *_, conf = (word for word in kind(tmp_path, rules, 53).command() if word.endswith(".conf"))
    assert str(sockets._BUFFER) in pathlib.Path(conf).read_text()
