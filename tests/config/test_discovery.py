"""How devices are found, as it is loaded."""

from __future__ import annotations

import pathlib

from resolver.config.known import Known
from resolver.config.load import parse
from resolver.config.schema import Config


def _config(text: str) -> Config:
    return parse(("lists: []\n" + text).encode(), pathlib.Path("lull.yaml"), Known())


def test_discovery_as_loaded(tmp_path: pathlib.Path) -> None:
    text = b"discovery: {neighbours: no, router: off, leases: [a.leases, /b]}\nhost-names: [A.example]\nlists: []"
    config = parse(text, tmp_path / "lull.yaml", Known())
    found = config.discovery
    assert (found.neighbours, found.router) == (False, "off")
    assert found.leases == (tmp_path / "a.leases", pathlib.Path("/b"))
    assert config.host_names == ("a.example",)
    usual = _config("")
    assert (usual.discovery.neighbours, usual.discovery.router, usual.discovery.leases) == (True, "auto", None)
    assert usual.host_names is None
    assert _config("discovery: {router: '2001:DB8::1', leases: []}\nhost-names: []").discovery.router == "2001:db8::1"
