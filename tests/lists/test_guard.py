import gzip
import pathlib
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.config.updates import Updates
from resolver.lists.canaries import Canary
from resolver.lists.guard import (
    Hit,
    harm,
    hits,
    matches_all,
    not_a_list,
    out_of_proportion,
    too_many,
    too_many_clients,
    too_wide,
    wide,
    without_rule,
)
from resolver.rules.compile import Source, compile_sources
from resolver.rules.report import Sample, SourceReport
from resolver.rules.ruleset import RuleSet

HTML = "<!DOCTYPE html>\n<html><body>Sign in at portal.example</body></html>"


def judged(tmp_path: pathlib.Path, data: str | bytes, *, own: bool = False, before: int = 10) -> str | None:
    path = tmp_path / "list"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return not_a_list(path, before, own=own)


REPORT = SourceReport(index=0, id="a", lines=9, rules=9, ignored=0, skipped={}, samples=[])


def report(**more: object) -> SourceReport:
    return msgspec.structs.replace(REPORT, **more)


@pytest.mark.parametrize(
    "data",
    [
        HTML,
        "\ufeff  \n" + HTML,
        HTML.encode("utf-16"),
        '<?xml version="1.0"?>\n<!doctype html>',
        "<!-- cached -->\n<HTML lang=en>",
        "<html>",
        "<head><title>x</title>",
        "<script>location = '/login'</script>",
    ],
)
@pytest.mark.parametrize("own", [True, False])
def test_a_web_page_is_refused(tmp_path: pathlib.Path, data: str | bytes, own: bool) -> None:
    reason = judged(tmp_path, data + "\nads.example\n" if isinstance(data, str) else data, own=own)
    assert reason is not None
    assert reason.startswith("it is a web page")


@pytest.mark.parametrize(
    "data", [gzip.compress(b"ads.example\n" * 99, mtime=0), b"PK\x03\x04\x00\x00\x00", bytes(range(256)) * 9]
)
@pytest.mark.parametrize("own", [True, False])
def test_what_is_not_text_is_refused(tmp_path: pathlib.Path, data: bytes, own: bool) -> None:
    reason = judged(tmp_path, data, own=own)
    assert reason is not None
    assert reason.startswith("it is not text")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ('{"error": "rate limit"}', "it is JSON"),
        (' \n{\n  "names": ["ads.example"]}', "it is JSON"),
        ('["ads.example"]', "it is JSON"),
        ('[{"name": "ads.example"}]', "it is JSON"),
        ("{}", "it is JSON"),
        ('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "it is XML"),
        ("<Error><Code>AccessDenied</Code></Error>", "it is XML"),
        ('<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN">', "it is XML"),
    ],
)
def test_what_a_server_says_when_it_fails_is_refused(tmp_path: pathlib.Path, data: str, said: str) -> None:
    reason = judged(tmp_path, data)
    assert reason is not None
    assert reason.startswith(said)


def test_an_empty_download_is_refused(tmp_path: pathlib.Path) -> None:
    assert judged(tmp_path, "") == "it is empty"


def test_a_file_of_ones_own_may_say_nothing_but_not_by_accident(tmp_path: pathlib.Path) -> None:
    assert judged(tmp_path, "# none for now\n", own=True) is None
    assert judged(tmp_path, "", own=True) == "it is empty; to keep it without rules, write a comment into it"
    assert judged(tmp_path, "", own=True, before=0) is None


@pytest.mark.parametrize(
    "data",
    [
        "ads.example",
        "! comment\n||ads.example^\n",
        "[Adblock Plus 2.0]\n||ads.example^\n",
        "[uBlock]\n",
        b"\xef\xbb\xbfads.example\r\n",
        "ads.example\n".encode("utf-16"),
        b"# one stray NUL \x00 in a long comment that goes on and on and on\nads.example\n",
        "x" * 70_000 + "\nads.example\n",
        "# " + "x" * 70_000 + "\n" + "! far down\n" * 9_000 + "ads.example\n",
        "<broken\nads.example\n",
    ],
)
def test_what_may_be_a_list_passes(tmp_path: pathlib.Path, data: str | bytes) -> None:
    assert judged(tmp_path, data) is None


def test_a_page_of_many_comments_takes_no_time(tmp_path: pathlib.Path) -> None:
    assert judged(tmp_path, "<!-- x -->" * 7_000) is None


def test_a_file_that_is_gone(tmp_path: pathlib.Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        not_a_list(tmp_path / "no", 0)


@given(data=st.binary(max_size=300), own=st.booleans())
def test_no_bytes_break_it(tmp_path_factory: pytest.TempPathFactory, data: bytes, own: bool) -> None:
    reason = judged(tmp_path_factory.getbasetemp(), data, own=own)
    assert reason is None or reason.startswith("it is")


def test_a_list_without_a_rule() -> None:
    assert without_rule(report(rules=0), "hosts") == "no line of it is a rule (syntax hosts)"
    assert without_rule(report(rules=1), "hosts") is None


def test_too_many_patterns() -> None:
    assert too_many(report(skipped={"not for DNS": 9})) is None
    said = too_many(report(patterns=5_000, skipped={"too many patterns or options": 995_000}))
    assert said == "it has 995,000 patterns too many; a list may have 5,000"


def test_a_rule_that_matches_every_name() -> None:
    assert matches_all([]) is None
    assert matches_all([Sample(1_012, "||*^", ""), Sample(2_000, "/./", "")]) == (
        "line 1,012 (||*^) matches every name"
    )


@pytest.mark.parametrize(
    ("rules", "before", "said"),
    [
        (50, 100, None),
        (300, 100, None),
        (100, 0, None),
        (1_000_000, 49, None),
        (1, 49, None),
        (24, 50, "it has 24 rules, the version before had 50: less than 50 %"),
        (3_012, 160_224, "it has 3,012 rules, the version before had 160,224: less than 50 %"),
        (301, 100, "it has 301 rules, the version before had 100: more than 300 %"),
    ],
)
def test_what_shrinks_or_grows_beyond_measure(rules: int, before: int, said: str | None) -> None:
    assert out_of_proportion(rules, before, Updates()) == said


def test_the_measure_is_the_config_s() -> None:
    assert out_of_proportion(1, 1_000, Updates(shrink=0)) is None
    assert out_of_proportion(99, 100, Updates(shrink=100)) is not None
    assert out_of_proportion(1_000, 100, Updates(grow=1_000)) is None
    assert out_of_proportion(102, 100, Updates(grow=101)) is not None


@pytest.fixture
def made(tmp_path: pathlib.Path) -> Iterator[list[RuleSet]]:
    sets: list[RuleSet] = []
    yield sets
    for one in sets:
        one.close()


def compiled(tmp_path: pathlib.Path, made: list[RuleSet], text: str) -> RuleSet:
    (tmp_path / "list").write_text(text)
    compile_sources([Source(0, "ads", tmp_path / "list")], tmp_path)
    made.append(RuleSet.open(tmp_path, ["ads"]))
    return made[-1]


CANARIES = [Canary(name, "one of the most popular names") for name in ("google.com", "www.google.com", "bbc.co.uk")]


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("||google.com^", ["google.com", "www.google.com"]),
        ("google.com", ["google.com"]),
        ("0.0.0.0 www.google.com", ["www.google.com"]),
        ("||com^", ["google.com", "www.google.com"]),
        ("||uk^$important", ["bbc.co.uk"]),
        ("/goog/", ["google.com", "www.google.com"]),
        ("||bbc.*^", ["bbc.co.uk"]),
        ("||google.com^$dnstype=AAAA", ["google.com", "www.google.com"]),
        ("|google.com^$dnsrewrite=192.0.2.66", ["google.com"]),
        ("google.com CNAME rpz-drop.", ["google.com"]),
        ("||google.com^$client=192.0.2.7", ["google.com", "www.google.com"]),
        ("||google.com^$client=0.0.0.0/0", ["google.com", "www.google.com"]),
        ("|google.com^$ctag=device_phone,client=2001:db8::/32|~2001:db8::1", ["google.com"]),
        ("|google.com^$client='my phone',ctag=~device_tv", ["google.com"]),
        ("|google.com^\n@@|google.com^$client=~192.168.0.0/16", ["google.com"]),
        ("|google.com^\n@@|google.com^$ctag=~device_phone", ["google.com"]),
        ("@@||google.com^$client=192.0.2.7", []),
        ("||google.com^$dnstype=HTTPS", []),
        ("||ads.google.com^", []),
        ("@@||google.com^", []),
        ("||com^\n@@||google.com^", []),
    ],
)
def test_what_a_list_keeps_people_from(
    tmp_path: pathlib.Path, made: list[RuleSet], rule: str, found: list[str]
) -> None:
    assert [hit.canary.name for hit in hits(CANARIES, compiled(tmp_path, made, rule))] == found


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("0.0.0.0/1\n128.0.0.0/1\n", "it would block 100 % of all IPv4 addresses, such as with 0.0.0.0/1"),
        ("16.0.0.0/5\n@@16.0.0.0/6\n", None),
        ("16.0.0.0/5\n", "it would block 4 % of all IPv4 addresses, such as with 16.0.0.0/5"),
        ("2a00::/12\n", "it would block 17 % of all IPv6 addresses, such as with 2a00::/12"),
        ("10.0.0.0/8\n192.168.0.0/16\n224.0.0.0/3\n127.0.0.0/8\nfc00::/7\nfe80::/10\n8.0.0.0/8\n", None),
        ("||ads.example^\n203.0.113.9\n", None),
    ],
)
def test_networks_that_hold_too_much_of_the_world(
    tmp_path: pathlib.Path, made: list[RuleSet], rules: str, said: str | None
) -> None:
    assert too_wide(wide(compiled(tmp_path, made, rules))) == said


@pytest.mark.parametrize(
    ("count", "said"), [(50, None), (51, "it has rules for 51 sorts of clients; a list from elsewhere may have 50")]
)
def test_rules_for_many_clients(tmp_path: pathlib.Path, made: list[RuleSet], count: int, said: str | None) -> None:
    rules = "".join(f"||ads{number}.example^$client=10.0.0.{number}\n" for number in range(count))
    names = compiled(tmp_path, made, rules + "||more.example^$dnstype=A\n")
    assert too_many_clients(names) == said
    assert len(hits([Canary(f"ads{count - 2}.example", "")], names)) == 1


def found(tmp_path: pathlib.Path, made: list[RuleSet], rule: str, *names: str) -> list[Hit]:
    return hits([Canary(name, "which matters") for name in names], compiled(tmp_path, made, rule))


def test_the_harm_is_said(tmp_path: pathlib.Path, made: list[RuleSet]) -> None:
    assert harm([]) is None
    assert harm(found(tmp_path, made, "www.a.example", "a.example", "www.a.example")) == (
        "it would block www.a.example, which matters"
    )
    assert harm(found(tmp_path, made, "||a.example^", "a.example")) == (
        "it would block a.example (||a.example^), which matters"
    )
    names = [f"{letter}.example" for letter in "abcdefgh"]
    assert harm(found(tmp_path, made, "||example^", *names, "www.a.example", "www.d.example")) == (
        "it would block a.example (||example^), which matters; also b.example, c.example, d.example, e.example, "
        "f.example and 2 more"
    )
    assert harm(found(tmp_path, made, "||a.example^$dnsrewrite=192.0.2.1", "a.example")) == (
        "it would answer in its own way for a.example (||a.example^$dnsrewrite=192.0.2.1), which matters"
    )
