"""`lull upstreams`: the resolvers that a config can name, without a daemon."""

from __future__ import annotations

import json

import pytest

from resolver.cli import main


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """The ids that are shown for these words, in text and JSON alike."""
    assert main(["upstreams", *words, "--json"]) == 0
    ids = [one["id"] for one in json.loads(capsys.readouterr().out)["upstreams"]]
    assert main(["upstreams", *words]) == 0
    rows = capsys.readouterr().out.partition("\n\n")[0].splitlines()[1:]
    assert [row.split()[0].partition(":")[0] for row in rows] == ids
    return ids


def test_all_and_some(capsys: pytest.CaptureFixture[str]) -> None:
    every = shown(capsys)
    assert {"quad9", "mullvad", "cloudflare", "adguard", "dns4eu", "google", "nextdns", "controld"} <= set(every)
    assert shown(capsys, "Cloudflare", "adult") == ["cloudflare-family"]


def test_an_id_of_ones_own_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["upstreams", "nextdns"]) == 0
    assert "nextdns:ID" in capsys.readouterr().out


def test_nothing_fits(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["upstreams", "quad8"]) == 1
    assert "no provider fits quad8" in capsys.readouterr().err
