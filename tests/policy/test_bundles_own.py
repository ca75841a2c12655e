"""People's own lines in bundles on disk: compiled when they change, linked when not."""

from __future__ import annotations

import logging
import pathlib

import pytest
from msgspec.structs import replace as changed

from resolver.errors import BundleError
from resolver.model import Client, Type
from resolver.policy import bundles as module
from resolver.policy.bundle import OWN
from resolver.policy.bundles import CURRENT, MANIFEST, NAMES, Bundles
from resolver.policy.document import Document, OwnRule
from tests.policy.on_disk import in_force, lined, policy, replace

ME = Client("192.0.2.1", "default")


def own(bundles: Bundles, generation: str, name: str) -> list[str]:
    """The rules of people's own that match a name in a bundle, as it is opened from the disk."""
    return [match.rule.text for match in bundles.open(generation).overlay.matches(name, Type.A, ME, 0.0)]


def test_lines_are_compiled_and_found(bundles: Bundles, names: pathlib.Path) -> None:
    bundles.publish(lined(1), names, 1000.0)
    assert own(bundles, "1", "x1.example") == ["deny /^x1[.]/"]
    assert own(bundles, "1", "y.example") == ["allow ||y.example^$dnstype=TYPE1"]
    assert own(bundles, "1", "x2.example") == []
    assert {path.name for path in (bundles.root / "1" / OWN).iterdir()} == set(NAMES)
    assert {path.name for path in bundles.root.iterdir()} == {"1", CURRENT}
    for directory in (bundles.root, bundles.root / "1", bundles.root / "1" / OWN):
        assert directory.stat().st_mode & 0o777 == 0o700


def test_without_lines_there_is_nothing_of_them(bundles: Bundles, names: pathlib.Path) -> None:
    rules = (OwnRule("deny", "a.example"), OwnRule("deny", "b.example", exact=True))
    bundles.publish(changed(policy(1), rules=rules), names, 1000.0)
    assert not (bundles.root / "1" / OWN).exists()
    assert bundles.open("1").own is None


def inodes(bundles: Bundles, generation: str) -> list[int]:
    return [(bundles.root / generation / OWN / file).stat().st_ino for file in NAMES]


def test_lines_that_did_not_change_are_linked(bundles: Bundles, names: pathlib.Path) -> None:
    first = lined(1)
    bundles.publish(first, names, 1000.0)
    assert bundles.publish(first, names, 1001.0) == "1"
    theirs = tuple(changed(rule, client="192.0.2.1", until=5.0, key="rule:9") for rule in first.rules)
    bundles.publish(changed(first, ttl=9, rules=(OwnRule("deny", "z.example"), *theirs)), names, 1002.0)
    assert inodes(bundles, "2") == inodes(bundles, "1")
    assert own(bundles, "2", "x1.example") == ["deny /^x1[.]/"]
    assert Bundles(bundles.root.parent).publish(changed(first, ttl=10), names, 1003.0) == "3"
    assert inodes(bundles, "3") == inodes(bundles, "1")
    bundles.publish(lined(2), names, 1004.0)
    assert set(inodes(bundles, "4")).isdisjoint(inodes(bundles, "3"))


def test_another_version_compiles_them_again(
    bundles: Bundles, names: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundles.publish(lined(1), names, 1000.0)
    monkeypatch.setattr(module, "mark", lambda lines: "another")
    assert bundles.publish(lined(1), names, 1001.0) == "2"
    assert set(inodes(bundles, "2")).isdisjoint(inodes(bundles, "1"))


@pytest.mark.parametrize("file", NAMES)
def test_damaged_ones_are_noticed_and_made_again(bundles: Bundles, names: pathlib.Path, file: str) -> None:
    bundles.publish(policy(7), names, 1000.0)
    bundles.publish(lined(1), names, 1001.0)
    replace(bundles.root / "2" / OWN / file, b"damaged")
    with pytest.raises(BundleError, match=file):
        bundles.open("2")
    complaints: list[str] = []
    assert bundles.open_best(complaints.append) is not None
    assert len(complaints) == 1
    assert bundles.publish(lined(1), names, 1002.0) == "3"
    assert in_force(bundles) == 1


def test_a_manifest_without_them_is_not_believed(bundles: Bundles, names: pathlib.Path) -> None:
    bundles.publish(lined(1), names, 1000.0)
    for path in (bundles.root / "1" / OWN).iterdir():
        path.unlink()
    manifest = bundles.root / "1" / MANIFEST
    replace(manifest, manifest.read_bytes().replace(b'"own":"', b'"was":"'))
    with pytest.raises(BundleError, match=OWN):
        bundles.open("1")


def test_a_line_that_cannot_be_used_is_said_and_left_out(
    bundles: Bundles, names: pathlib.Path, caplog: pytest.LogCaptureFixture
) -> None:
    rules = (OwnRule("deny", "", text="/(?=x)\x1b/"), OwnRule("deny", "", text="/^ok/"))
    with caplog.at_level(logging.WARNING):
        bundles.publish(changed(policy(1), rules=rules), names, 1000.0)
    assert "is not in force" in caplog.text
    assert "\x1b" not in caplog.text
    assert own(bundles, "1", "ok.example") == ["deny /^ok/"]
    refused = bundles.refused("1")
    assert list(refused) == [str(rules[0])]
    bundles.publish(changed(policy(2), rules=rules), names, 1001.0)
    assert bundles.refused("2") == refused
    bundles.publish(policy(3), names, 1002.0)
    assert bundles.refused("3") == {}


def test_the_newest_rules_are_those_that_find_no_room(bundles: Bundles, names: pathlib.Path) -> None:
    rules = tuple(OwnRule("deny", "", text=f"||x.example^$client=192.0.2.{number}") for number in range(100, 0, -1))
    bundles.publish(changed(policy(1), rules=rules), names, 1000.0)
    assert list(bundles.refused("1")) == [str(rule) for rule in rules[64:]]


def clocked(offset: float, boot: str = "boot") -> Document:
    return changed(policy(1), boot=boot, offset=offset)


def test_a_clock_that_drifts_makes_no_other_policy(bundles: Bundles, names: pathlib.Path) -> None:
    for offset, boot, generation in (
        (1000.0, "boot", "1"),
        (1000.9, "boot", "1"),
        (999.1, "boot", "1"),
        (1001.5, "boot", "2"),
        (1001.6, "boot", "2"),
        (1001.6, "other", "3"),
    ):
        assert bundles.publish(clocked(offset, boot), names, 1000.0) == generation
    assert [bundles.open(generation).document.offset for generation in "123"] == [1000.0, 1001.5, 1001.6]
