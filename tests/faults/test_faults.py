"""The faults of `make faults`, each for a few seconds: whoever wants the figures runs those."""

from __future__ import annotations

import pathlib

import pytest

from tests.faults import crowds, deaf, floods, kills, scarce, storms, told
from tests.faults.told import Fault, Told

SHORT: dict[str, Fault] = {
    "kills": kills.faults,
    "hangups": storms.hangups,
    "crowds": crowds.faults,
    "deaf": deaf.faults,
    "subdomains": floods.subdomains,
    "amplification": floods.amplification,
    "descriptors": scarce.descriptors,
}


@pytest.mark.parametrize("fault", SHORT)
def test_a_fault_is_survived(tmp_path: pathlib.Path, fault: str) -> None:
    rows = SHORT[fault](tmp_path, 0.003)
    assert rows
    assert [row.row for row in rows if not row.good] == []


def test_the_report_keeps_what_was_not_run_again(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tmp_path / "reliability.md"
    report.write_text(
        "Head.\n\n<!-- table -->\n| fault | x |\n|---|---|\n| old | as it was |\n| new | before |\n\nTail.\n"
    )
    monkeypatch.setattr(told, "REPORT", report)
    told.write([Told("new", "1 | 2", "nothing", "fast", good=True), Told("newer", "", "", "", good=False)])
    assert report.read_text() == (
        "Head.\n\n<!-- table -->\n| fault | x |\n|---|---|\n| old | as it was |\n"
        "| new | 1 / 2 | nothing | fast | yes |\n| newer |  |  |  | **no** |\n\nTail.\n"
    )


def test_the_report_that_ships_has_its_table() -> None:
    assert "<!-- table -->\n| fault | load | lost | figures | as it should be |\n" in told.REPORT.read_text()
