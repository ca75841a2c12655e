import pytest

from resolver.store import words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, " for 0 s"),
        (-5, " for 0 s"),
        (45, " for 45 s"),
        (60, " for 1 min"),
        (90, " for 90 s"),
        (600, " for 10 min"),
        (599.6, " for 10 min"),
        (3600, " for 1 h"),
        (5400, " for 90 min"),
        (5430, " for 1 h 30 min"),
        (7199, " for 2 h"),
        (86_400, " for 1 d"),
        (130, " for 2 min"),
    ],
)
def test_how_long(seconds: float, text: str) -> None:
    assert words.lasting(1000 + seconds, 1000) == text
    assert words.lasting(None, 1000) == ""


@pytest.mark.parametrize(
    ("table", "row", "text"),
    [
        ("rules", {"action": "deny", "name": "a", "text": "", "exact": False}, "deny a"),
        ("rules", {"action": "deny", "name": "a", "text": "", "exact": True, "client": "tv"}, "deny exact a for tv"),
        (
            "rules",
            {"action": "allow", "name": "", "text": "/a/", "exact": False, "group": "k"},
            "allow /a/ for group k",
        ),
        ("pauses", {"client": "", "group": ""}, "the pause for everyone"),
        ("sites", {"site": "a", "client": "tv", "group": ""}, "the site rule of a for tv"),
        ("overrides", {"schedule": "b", "client": "", "group": ""}, "the change of schedule b"),
        ("devices", {"name": "", "host": "", "mac": "02:00:5e:10:00:01", "id": 1}, "the device 02:00:5e:10:00:01"),
        ("devices", {"name": "tv", "host": "x", "mac": "", "id": 1, "group": "kids"}, "the device tv"),
        ("addresses", {"address": "192.0.2.1"}, "the address 192.0.2.1"),
        ("other", {}, "a row of other"),
    ],
)
def test_what_a_row_is(table: str, row: dict[str, object], text: str) -> None:
    assert words.row(table, row) == text
