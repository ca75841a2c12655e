"""What a run is told, and how far it is."""

from __future__ import annotations

import time

import pytest

from benchmarks.bench.__main__ import options
from benchmarks.bench.peers import PEERS
from benchmarks.bench.progress import Progress
from benchmarks.bench.run import PARTS, SHORT, Options


def test_without_options_everything_is_measured() -> None:
    chosen, how = options([])
    assert chosen == Options()
    assert (how.report, how.dry) == (False, False)
    assert set(chosen.parts) == set(PARTS)
    assert len(chosen.peers) == len(PEERS)


def test_the_short_form_can_be_changed() -> None:
    chosen, _ = options(["--short", "--rounds", "2", "--peers", "unbound, dnsmasq", "--parts", "cost"])
    assert chosen.rounds == 2
    assert chosen.seconds == SHORT.seconds
    assert chosen.peers == ("unbound", "dnsmasq")
    assert chosen.parts == ("cost",)


@pytest.mark.parametrize("wrong", [["--peers", "bind"], ["--parts", "everything"], ["--rounds", "many"]])
def test_what_is_not_known_is_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options(wrong)
    assert wrong[1] in capsys.readouterr().err


def test_progress_says_what_is_left(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    counted = Progress([10, 10, 20, 10], 1200)
    counted.begin("one")
    now[0] += 120
    counted.begin("two")
    assert capsys.readouterr().out == "[1/4] one; at most 20 min left\n[2/4] two; some 8 min left\n"
    assert counted.fits(1080)
    assert not counted.fits(1081)
    counted.skip(1)
    counted.begin("three")
    assert capsys.readouterr().out == "[3/3] three; some 1 min left\n"
