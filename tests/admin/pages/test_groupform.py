"""What the forms of a group and of a schedule say, as a config would."""

from __future__ import annotations

import pytest

from resolver.admin.pages import groupform, scheduleform
from resolver.admin.pages.groupform import VALUES, said_of


@pytest.mark.parametrize(
    ("part", "fields", "value"),
    [
        ("clients", {"clients": " Living room TV \r\n\r\n192.0.2.1\n"}, ["Living room TV", "192.0.2.1"]),
        ("clients", {}, []),
        ("lists", {"every": "yes", "list-ads": "yes"}, None),
        ("lists", {"list-ads": "yes", "list-starter": "yes", "other": "x"}, ["ads", "starter"]),
        ("lists", {}, []),
        ("schedules", {"schedule-at night": "yes"}, ["at night"]),
        ("default", {"default": "deny"}, "deny"),
        ("privacy", {"privacy": ""}, None),
        ("privacy", {"privacy": "off"}, "off"),
        ("blocking", {"mode": "", "ttl": " ", "addresses": ""}, None),
        (
            "blocking",
            {"mode": "address", "ttl": "1m", "addresses": "192.0.2.1,\n2001:db8::1"},
            {"mode": "address", "ttl": "1m", "addresses": ["192.0.2.1", "2001:db8::1"]},
        ),
    ],
)
def test_parts_of_a_group(part: str, fields: dict[str, str], value: object) -> None:
    assert VALUES[part](fields) == value


def test_what_stands_in_the_forms() -> None:
    said = said_of({"clients": ["192.0.2.1", "tv"], "blocking": {"mode": "nodata", "ttl": "10s"}, "default": "deny"})
    assert (said.clients, said.every, said.default) == ("192.0.2.1\ntv", True, "deny")
    assert (said.mode, said.ttl, said.addresses, said.privacy) == ("nodata", "10s", "", "")
    assert not said_of({"lists": []}).every
    assert set(groupform.PARTS) > set(VALUES)


def test_a_schedule() -> None:
    fields = {"on-mon": "yes", "on-sun": "yes", "from": " 21:00", "to": "06:30", "block": "a.example, list:ads"}
    said = {"days": ["mon", "sun"], "from": "21:00", "to": "06:30"}
    assert scheduleform.value(fields) == {**said, "block": ["a.example", "list:ads"]}
    assert scheduleform.value({**fields, "block": "", "closed": "yes", "only": "", "zone": "UTC "}) == {
        **said,
        "zone": "UTC",
        "only": [],
    }
    assert "only" not in scheduleform.value({**fields, "only": "a.example"}), "unless nothing else answers"
