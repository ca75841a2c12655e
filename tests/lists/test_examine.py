import asyncio
import pathlib
from collections.abc import Sequence

import pytest

from resolver.config.updates import Updates
from resolver.errors import ListError, StoreError
from resolver.lists.canaries import Canary
from resolver.lists.compiler import Compiler
from resolver.lists.examine import Before, Examiner, Judged
from resolver.lists.sources import Held
from resolver.lists.wanted import Wanted
from tests.lists.site import sha256

LIST = "".join(f"||ads{number}.example^\n" for number in range(100))
WANTED = Wanted("ads", "Ads", "block", "auto", subdomains=False, refresh=9.0, urls=("https://lists.example/ads",))
USUAL = Canary("school.example", "which is looked up here often", usual=True)
NEEDED = Canary("dns.example", "an upstream")
POPULAR = (
    Canary("google.com", "one of the most popular names"),
    Canary("tiktok.com", "one of the most popular names", frozenset(["social"])),
)


class Room:
    def __init__(self, directory: pathlib.Path) -> None:
        self.directory = directory
        self.needed: Sequence[Canary] = (NEEDED, USUAL)
        self.examiner = Examiner(Compiler(directory / "compiled", 20.0), self.canaries)
        self.examiner.popular = POPULAR

    async def canaries(self) -> Sequence[Canary]:
        return self.needed

    def judged(self, text: str, before: str | None = None, wanted: Wanted = WANTED) -> Judged:
        path = self.directory / "new"
        path.write_text(text)
        former = None
        if before is not None:
            place = self.directory / "before"
            place.write_text(before)
            former = Before(Held(sha256(before), "block", rules=before.count("^")), place)
        judged = asyncio.run(self.examiner.examine(path, wanted, former))
        assert list((self.directory / "compiled").glob("*")) == []
        return judged


@pytest.fixture
def room(tmp_path: pathlib.Path) -> Room:
    return Room(tmp_path)


def with_(**more: object) -> Wanted:
    fields = {name: getattr(WANTED, name) for name in WANTED.__struct_fields__}
    return Wanted(**fields | more)


@pytest.mark.parametrize("before", [None, LIST])
def test_a_good_version_is_counted(room: Room, before: str | None) -> None:
    assert room.judged(LIST, before) == Judged(100)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<html>", "it is a web page, not a list; a sign-in page of the network may have answered"),
        ("", "it is empty"),
        ("# nothing\n", "no line of it is a rule (syntax auto)"),
    ],
)
def test_what_is_no_list_is_likely_to_pass(room: Room, text: str, said: str) -> None:
    assert room.judged(text, LIST) == Judged(0, said, passing=True)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("||google.com^", "it would block google.com (||google.com^), one of the most popular names"),
        ("||tiktok.com^", "it would block tiktok.com (||tiktok.com^), one of the most popular names"),
        ("||dns.example^", "it would block dns.example (||dns.example^), an upstream"),
        ("||lists.example^", "it would block lists.example (||lists.example^), where this list itself comes from"),
        ("||school.example^", "it would block school.example (||school.example^), which is looked up here often"),
        ("0.0.0.0/2", "it would block 28 % of all IPv4 addresses, such as with 0.0.0.0/2"),
        ("||*^", "line 101 (||*^) matches every name; it would block lists.example (||*^), where this list itself"),
    ],
)
def test_what_would_harm_is_refused(room: Room, more: str, said: str) -> None:
    judged = room.judged(LIST + more, LIST)
    assert judged.reason.startswith(said)
    assert (judged.rules, judged.passing) == (101, False)


def test_every_reason_is_said(room: Room) -> None:
    grown = "".join(f"||more{number}.example^\n" for number in range(350))
    assert room.judged(grown + "||google.com^\n", LIST).reason == (
        "it would block google.com (||google.com^), one of the most popular names; "
        "it has 351 rules, the version before had 100: more than 300 %"
    )


def test_what_the_version_in_force_blocks_already_is_no_reason(room: Room) -> None:
    assert room.judged(
        LIST + "||com^\n||lists.example^\n||school.example^\n", LIST + "google.com^\nlists.example^\n||school.example^"
    ).reason == ("it would block tiktok.com (||com^), one of the most popular names")


@pytest.mark.parametrize("rule", ["||*^\n", "/^/\n", "0.0.0.0/1\n"])
def test_what_was_accepted_once_need_not_be_accepted_each_time(room: Room, rule: str) -> None:
    assert room.judged(LIST + rule).reason
    assert room.judged(LIST + "||new.example^\n" + rule, LIST + rule) == Judged(102)
    assert room.judged(LIST + "/./\n" + rule, LIST + rule).reason.startswith("line 101 (/./) matches every name")


def test_a_first_version_may_block_what_is_looked_up_here_often(room: Room) -> None:
    assert room.judged(LIST + "||school.example^\n") == Judged(101)
    assert room.judged(LIST + "||google.com^\n").reason.startswith("it would block google.com")


def test_lists_of_a_kind_may_block_what_is_of_it(room: Room) -> None:
    social = with_(category=("tracking", "social"))
    assert room.judged(LIST + "||tiktok.com^\n", LIST, social) == Judged(101)
    assert room.judged(LIST + "||google.com^\n", LIST, social).reason.startswith("it would block google.com")


def test_an_allow_list_may_allow_anything_but_everything(room: Room) -> None:
    allow = with_(kind="allow")
    assert room.judged(LIST + "||google.com^\n", LIST, allow) == Judged(101)
    assert room.judged(LIST + "||*^\n", LIST, allow).reason == "line 101 (||*^) matches every name"


def test_the_thresholds_are_the_config_s(room: Room) -> None:
    room.examiner.updates = Updates(shrink=0, grow=100_000)
    assert room.judged("||one.example^\n", LIST).reason == ""
    room.examiner.updates = Updates(shrink=100, grow=101)
    assert room.judged("||one.example^\n", LIST).reason == "it has 1 rule, the version before had 100: less than 100 %"


def test_files_of_people_s_own_may_do_nearly_everything(room: Room) -> None:
    own = with_(urls=(), file=room.directory / "mine.txt")
    assert room.judged("||google.com^\n||*^\n", LIST, own) == Judged()
    assert room.judged("# none\n" * 5_000 + "||*^\n", LIST, own) == Judged(1)
    patterns = "".join(f"/ads{number}x/\n" for number in range(5_001))
    assert room.judged(patterns, LIST, own).reason == "it has 1 pattern too many; a list may have 5,000"


def test_a_million_patterns_are_refused(room: Room) -> None:
    judged = room.judged("".join(f"/a{number}x/\n" for number in range(20_000)), LIST)
    assert judged.reason.startswith("it has 15,000 patterns too many; a list may have 5,000")


def test_names_that_cannot_be_had_are_done_without(room: Room) -> None:
    async def fail() -> Sequence[Canary]:
        raise StoreError("locked")

    room.examiner = Examiner(Compiler(room.directory / "compiled", 20.0), fail)
    assert room.judged(LIST + "||dns.example^\n", LIST) == Judged(101)


def test_a_version_that_cannot_be_examined_is_an_error(tmp_path: pathlib.Path) -> None:
    async def none() -> Sequence[Canary]:
        return ()

    examiner = Examiner(Compiler(tmp_path / "compiled", 0.001), none)
    (tmp_path / "new").write_text(LIST)
    for path, said in ((tmp_path / "new", r"took longer than 0\.001 seconds"), (tmp_path / "no", "No such file")):
        with pytest.raises(ListError, match=said):
            asyncio.run(examiner.examine(path, WANTED, None))


def test_the_terms_tell_when_to_judge_again(room: Room) -> None:
    terms = room.examiner.terms
    changed = [with_(kind="allow"), with_(syntax="hosts"), with_(subdomains=True), with_(category=("social",))]
    assert len({terms(WANTED), *map(terms, changed)}) == 5
    before = terms(WANTED)
    assert terms(with_(title="Other", refresh=1.0, mode="shadow")) == before
    room.examiner.updates = Updates(grow=400)
    assert terms(WANTED) != before
