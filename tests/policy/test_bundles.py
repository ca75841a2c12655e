"""Bundles on disk: whatever is damaged, and at whatever moment a writer dies, a whole one is found."""

from __future__ import annotations

import pathlib
import shutil

import pytest

from resolver.model import Client, Type
from resolver.policy.bundle import DOCUMENT
from resolver.policy.bundles import CURRENT, MANIFEST, NAMES, Bundles
from tests.policy.on_disk import in_force, policy, replace

ME = Client("192.0.2.1", "default")


def test_before_the_first_there_is_none(bundles: Bundles) -> None:
    assert (bundles.current(), bundles.generations(), in_force(bundles)) == (None, [], None)


def test_published_and_opened(bundles: Bundles, names: pathlib.Path) -> None:
    assert bundles.publish(policy(1), names, 1000.0) == "1"
    assert bundles.publish(policy(2), names, 1001.0) == "2"
    assert (bundles.current(), bundles.generations(), in_force(bundles)) == ("2", ["2", "1"], 2)
    assert bundles.open("1").document.ttl == 1
    found = bundles.open("2").names.winner("x.ads.example", 1, Type.A, ME)
    assert found is not None
    assert {path.name for path in (bundles.root / "2").iterdir()} == {*NAMES, DOCUMENT, MANIFEST}
    assert {path.name for path in bundles.root.iterdir()} == {"1", "2", CURRENT}
    assert bundles.root.stat().st_mode & 0o777 == 0o700


def test_what_did_not_change_is_linked_not_written_again(bundles: Bundles, names: pathlib.Path) -> None:
    for ttl in (1, 2):
        bundles.publish(policy(ttl), names, 1000.0)
    for file in NAMES:
        assert len({(place / file).stat().st_ino for place in (names, bundles.root / "1", bundles.root / "2")}) == 1
    assert (bundles.root / "1" / DOCUMENT).stat().st_ino != (bundles.root / "2" / DOCUMENT).stat().st_ino


def test_the_same_again_is_no_new_generation(bundles: Bundles, names: pathlib.Path) -> None:
    assert [bundles.publish(policy(1), names, now) for now in (1000.0, 1001.0)] == ["1", "1"]
    assert bundles.generations() == ["1"]


@pytest.mark.parametrize("file", [*NAMES, DOCUMENT, MANIFEST])
def test_the_same_again_is_a_new_one_when_the_current_is_damaged(
    bundles: Bundles, names: pathlib.Path, file: str
) -> None:
    bundles.publish(policy(1), names, 1000.0)
    replace(bundles.root / "1" / file, b"damaged")
    assert bundles.publish(policy(1), names, 1001.0) == "2"
    assert in_force(bundles) == 1


def test_the_last_three_are_kept(bundles: Bundles, names: pathlib.Path) -> None:
    for ttl in range(1, 13):
        bundles.publish(policy(ttl), names, 1000.0)
        assert len(bundles.generations()) == min(ttl, 3)
    assert bundles.generations() == ["12", "11", "10"]  # by number, not by text


def test_a_number_is_never_given_twice(bundles: Bundles, names: pathlib.Path) -> None:
    for ttl in (1, 2):
        bundles.publish(policy(ttl), names, 1000.0)
    shutil.rmtree(bundles.root)
    assert bundles.publish(policy(3), names, 1000.0) == "3"
    assert in_force(bundles) == 3


def test_an_open_bundle_outlives_its_files(bundles: Bundles, names: pathlib.Path) -> None:
    bundles.publish(policy(1), names, 1000.0)
    opened = bundles.open("1")
    shutil.rmtree(bundles.root)
    assert opened.names.winner("x.ads.example", 1, Type.A, ME) is not None


def test_the_pointer_counts_not_the_number(bundles: Bundles, names: pathlib.Path) -> None:
    for ttl in (1, 2):
        bundles.publish(policy(ttl), names, 1000.0)
    (bundles.root / CURRENT).write_text("1\n")
    assert in_force(bundles) == 1
    assert bundles.publish(policy(1), names, 1001.0) == "1"
    assert bundles.publish(policy(4), names, 1001.0) == "3"


def test_missing_names_change_nothing(bundles: Bundles, names: pathlib.Path) -> None:
    bundles.publish(policy(1), names, 1000.0)
    (names / NAMES[1]).unlink()
    with pytest.raises(OSError, match=NAMES[1]):
        bundles.publish(policy(2), names, 1000.0)
    assert (bundles.generations(), in_force(bundles)) == (["1"], 1)
