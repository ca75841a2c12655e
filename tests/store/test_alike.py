import pytest

from resolver.store.alike import COLUMNS, identity
from resolver.store.tables import KEPT, metadata
from resolver.store.trail import Row

RULE: Row = {"id": 1, "name": "a", "text": "", "exact": False, "client": "", "group": "", "until": None, "action": "x"}


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        ({"action": "y", "id": 2}, True),
        ({"name": "b"}, False),
        ({"text": "||a^"}, False),
        ({"exact": True}, False),
        ({"client": "tv"}, False),
        ({"group": "kids"}, False),
        ({"until": 5.0}, False),
    ],
)
def test_rules(other: Row, alike: bool) -> None:
    assert (identity("rules", RULE) == identity("rules", {**RULE, **other})) is alike


def test_rules_with_different_ends_are_alike() -> None:
    assert identity("rules", {**RULE, "until": 5.0}) == identity("rules", {**RULE, "until": 6.0})


def test_devices_by_their_names_if_they_have_one() -> None:
    assert identity("devices", {"id": 1, "name": "TV"}) == identity("devices", {"id": 2, "name": "tv"})
    assert identity("devices", {"id": 1, "name": ""}) != identity("devices", {"id": 2, "name": ""})


def test_the_columns_are_those_of_the_tables() -> None:
    assert set(COLUMNS) == {table.name for table in KEPT} - {"addresses", "users", "tokens"}  # never taken back
    for name, columns in COLUMNS.items():
        assert set(columns) <= set(metadata.tables[name].c.keys())
