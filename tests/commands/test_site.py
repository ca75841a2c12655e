"""`lull sites` and `lull site`: what is asked of the admin, and what people read."""

from __future__ import annotations

import json
import pathlib

import msgspec
import pytest
from msgspec.structs import replace

from resolver.admin.bodies import Done
from resolver.admin.sitebodies import SiteDetail, SiteInfo, SiteResult, SuspectInfo, SuspectName, Suspects, TrialInfo
from resolver.cli import main
from resolver.commands.output import when
from tests.commands.played import HOSTILE, Admin, home

AT = 1_767_268_800.0
RULE = SiteInfo(
    3, "news.example", ["player.example"], False, 600, "tv", "", None, "the player", AT, "api", "ada", 12, AT
)
ALL = SiteInfo(None, "shop.example", [], True, None, "", "kids", AT, "", None, "config", note="no device is called so")
TRIAL = TrialInfo("news.example", "tv", "trying", ["a.example", "b.example"], 2, 2, 0, AT, "2 names can be reached")
SUSPECTS = Suspects(
    "news.example",
    "tv",
    AT,
    4,
    3,
    [
        SuspectInfo(
            "player.example",
            [SuspectName(f"{n}.player.example", f"ads: ||{n}^", "", 3) for n in "abc"],
            3,
            3,
            0.001,
            1234.5,
            [],
            worth=True,
        ),
        SuspectInfo(
            "stats.example",
            [SuspectName("stats.example", "ads: ||stats.example^", "", 3)],
            2,
            3,
            0.4,
            1.66,
            ["shop.example", "other.example"],
            worth=False,
            why="it is blocked by people's rules",
        ),
    ],
)


def run(capsys: pytest.CaptureFixture[str], directory: pathlib.Path, key: str, body: object, *words: str) -> list[str]:
    """What is printed; the last request is in ASKED."""
    with Admin({key: body}) as admin:
        code = main([*words, *home(directory, admin)])
    ASKED.extend(admin.asked)
    out = capsys.readouterr()
    assert code in {0, 1}, out.err
    return out.out.splitlines()


ASKED: list[tuple[str, str, object]] = []


def test_every_rule(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, tmp_path, "GET sites", [RULE, ALL], "sites") == [
        "SITE          ALLOWS          WINDOW  FOR         UNTIL                HITS  BY      COMMENT",
        "news.example  player.example  10m     tv          for good             12    ada     the player",
        f"shop.example  all             always  group kids  {when(AT)}  0     config",
        "shop.example: no device is called so",
    ]
    assert run(capsys, tmp_path, "GET sites", [], "sites")[0].startswith("no site rules yet")


def test_a_site(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    detail = SiteDetail("news.example", [RULE], [TRIAL], ["Living TV", "192.0.2.7"], "the site is all of news.example")
    out = run(capsys, tmp_path, "GET sites/www.news.example", detail, "site", "www.news.example")
    assert out[0] == "the site is all of news.example"
    assert "lately on it: Living TV, 192.0.2.7" in out
    assert out[-1] == "is it broken? what may be missing there: lull site news.example --client 'Living TV'"
    bare = run(capsys, tmp_path, "GET sites/x.example", SiteDetail("x.example", [], [], []), "site", "x.example")
    assert bare == [
        "x.example has no rule",
        "is it broken? what may be missing there: lull site x.example --client DEVICE",
    ]


def test_suspects(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = "GET sites/news.example/suspects"
    out = run(capsys, tmp_path, key, SUSPECTS, "site", "news.example", "--client", "tv")
    assert ASKED[-1][1] == "sites/news.example/suspects?client=tv&days=7"
    assert out == [
        f"news.example on tv: 4 visits since {when(AT)}, 3 loads looked at",
        "SUSPECT                                       LOADS   LIFT   BLOCKED BY             ALSO SERVES",
        "a.player.example b.player.example and 1 more  3 of 3  1,234  ads: ||a^ and 2 more   -",
        "stats.example                                 2 of 3  1.7    ads: ||stats.example^  "
        "shop.example other.example  it is blocked by people's rules",
        "LIFT: how many times as often the device asks for it after the site as at other times",
        "to allow them there for ten minutes: lull site news.example try --client tv",
    ]


def test_suspects_that_are_not_known(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(found: Suspects) -> list[str]:
        key = "GET sites/news.example/suspects"
        return run(capsys, tmp_path, key, found, "site", "news.example", "--client", "tv", "--days", "3", "--exact")

    unknown = said(replace(SUSPECTS, suspects=[], unknown="the log keeps no names"))
    assert unknown == [
        "what may be missing is not known: the log keeps no names",
        "to try names of your own: lull site news.example try NAME … --client tv",
    ]
    assert ASKED[-1][1] == "sites/news.example/suspects?client=tv&days=3&exact=true"
    assert said(replace(SUSPECTS, visits=1, loads=1))[0].endswith(f"1 visit since {when(AT)}, 1 load looked at")
    assert "was not on news.example" in said(replace(SUSPECTS, visits=0))[0]
    assert "blocking is not why" in said(replace(SUSPECTS, suspects=[]))[-1]
    many = said(replace(SUSPECTS, suspects=SUSPECTS.suspects * 20))
    assert "and 25 more; --json shows all" in many


@pytest.mark.parametrize(
    ("words", "key", "body"),
    [
        (["try"], "try", {"client": "tv", "names": [], "days": 7, "exact": False, "domains": []}),
        (
            ["try", "a.example"],
            "try",
            {"client": "tv", "names": ["a.example"], "days": 7, "exact": False, "domains": []},
        ),
        (["works"], "answer", {"client": "tv", "works": True, "exact": False}),
        (["broken"], "answer", {"client": "tv", "works": False, "exact": False}),
        (
            ["keep", "--everyone", "--window", "60m"],
            "keep",
            {"client": "tv", "group": "", "for_everyone": True, "window": "1h", "comment": "", "exact": False},
        ),
        (
            ["keep", "--group", "kids"],
            "keep",
            {"client": "tv", "group": "kids", "for_everyone": False, "window": "10m", "comment": "", "exact": False},
        ),
        (["undo"], "undo", {"client": "tv", "exact": False}),
    ],
)
def test_what_is_asked_for(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], words: list[str], key: str, body: object
) -> None:
    run(capsys, tmp_path, f"POST sites/news.example/{key}", TRIAL, "site", "news.example", *words, "--client", "tv")
    assert ASKED[-1] == ("POST", f"sites/news.example/{key}", body)


@pytest.mark.parametrize(
    ("stage", "until", "last"),
    [
        ("trying", AT, "  that is enough:     lull site news.example keep --client tv"),
        ("trying", None, "  take it back: lull site news.example undo --client tv"),
        ("found", AT, "  take it back: lull site news.example undo --client tv"),
        ("kept", None, "  take it back: lull site news.example undo --client tv"),
        ("elsewhere", None, "  forget it:   lull site news.example undo --client tv"),
        ("contradiction", None, "  begin again: lull site news.example try --client tv"),
    ],
)
def test_what_to_type_next(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], stage: str, until: float | None, last: str
) -> None:
    trial = msgspec.convert({**msgspec.to_builtins(TRIAL), "stage": stage, "until": until}, TrialInfo)
    out = run(capsys, tmp_path, "POST sites/news.example/try", trial, "site", "news.example", "try", "--client", "tv")
    assert out[0].endswith(TRIAL.sentence)
    assert last in out


def test_many_names_on_trial(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    trial = replace(TRIAL, names=[f"n{n}.example" for n in range(80)], effective=False, note="worker 0: late")
    out = run(capsys, tmp_path, "POST sites/news.example/try", trial, "site", "news.example", "try", "--client", "tv")
    assert "  and 68 more; --json shows all" in out
    assert "  not in force everywhere yet: worker 0: late" in out
    assert sum(".example" in one and "lull" not in one for one in out) == 12


def test_rules_are_changed(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = SiteResult(RULE, None, changed=True, effective=True)
    site = ("site", "news.example")
    out = run(capsys, tmp_path, "POST sites/news.example/allow", result, *site, "allow", "a.example", "--group", "kids")
    assert out == [
        "allow player.example for tv: on news.example, and for 10m after",
        "  in force everywhere; to take it back: lull undo",
    ]
    body = ASKED[-1][2]
    assert isinstance(body, dict)
    assert (body["names"], body["group"], body["window"], body["for"]) == (["a.example"], "kids", "10m", None)
    everything = replace(RULE, everything=True, window=None, until=AT)
    out = run(
        capsys,
        tmp_path,
        "PUT sites/news.example",
        replace(result, rule=everything, changed=False, hint="so"),
        *(*site, "allow", "ALL", "--window", "always", "--for", "2h"),
    )
    assert out == ["so", f"allow all for tv: always, until {when(AT)}", "  it already was so", "  in force everywhere"]
    body = ASKED[-1][2]
    assert isinstance(body, dict)
    assert (body["allow"], body["window"], body["for"]) == ("all", "always", "2h")
    gone = replace(result, rule=None, before=RULE)
    out = run(capsys, tmp_path, "POST sites/news.example/remove", gone, *site, "remove", "player.example")
    assert out[0] == "the rule of news.example for tv allowed nothing else, and is gone"
    out = run(capsys, tmp_path, "DELETE sites/news.example", Done(effective=True), *site, "delete", "--group", "kids")
    assert out == ["the rule of news.example for group kids is gone; to take it back: lull undo"]
    assert ASKED[-1][1] == "sites/news.example?group=kids"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["try"], "on which device?"),
        (["keep", "--client", "tv", "--everyone", "--group", "kids"], "not both"),
        (["allow"], "allow what?"),
        (["allow", "all", "a.example"], "all stands alone"),
        (["allow", "a.example", "All"], "all stands alone"),
        (["remove"], "remove what?"),
        (["allow", "a.example", "--client", "tv", "--group", "kids"], "not both"),
        (["works", "a.example", "--client", "tv"], "names are for"),
        (["try", "--client", "tv", "--window", "1h"], "--window is for: keep, allow"),
        (["keep", "--client", "tv", "--for", "1h"], "--for is for: allow"),
        (["--group", "kids"], "--group is for"),
        (["allow", "a.example", "--window", "10s"], "is not a window"),
        (["mend"], "invalid choice"),
    ],
)
def test_what_does_not_fit(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], words: list[str], why: str
) -> None:
    with Admin() as admin:
        assert main(["site", "news.example", *words, *home(tmp_path, admin)]) == 2
    assert why in capsys.readouterr().err
    assert admin.asked == []


def test_hostile_text(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = SuspectName(HOSTILE, HOSTILE, HOSTILE, 1)
    suspect = SuspectInfo(HOSTILE, [name], 1, 1, 0.1, 1.0, [HOSTILE], worth=False, why=HOSTILE)
    bad = replace(
        SUSPECTS, site=HOSTILE, client=HOSTILE, suspects=[suspect], hint=HOSTILE, trial=replace(TRIAL, names=[HOSTILE])
    )
    out = run(capsys, tmp_path, "GET sites/news.example/suspects", bad, "site", "news.example", "--client", "tv")
    rule = replace(RULE, site=HOSTILE, allow=[HOSTILE], comment=HOSTILE, client=HOSTILE, note=HOSTILE)
    out += run(capsys, tmp_path, "GET sites", [rule], "sites")
    assert len(out) > 8
    assert all(line.isprintable() for line in out)


def test_json_is_what_the_api_says(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = "GET sites/news.example/suspects"
    out = run(capsys, tmp_path, key, SUSPECTS, "site", "news.example", "--client", "tv", "--json")
    assert msgspec.convert(json.loads("\n".join(out)), Suspects) == SUSPECTS
