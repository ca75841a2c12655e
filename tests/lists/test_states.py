import asyncio
import pathlib

import msgspec

from resolver.lists.fetch import open_session
from resolver.lists.listed import Listed, Means
from resolver.lists.states import ListState, state_of
from resolver.lists.wanted import Wanted
from resolver.rules.compile import Sample, SourceReport
from tests.lists.site import LIMITS, TIMING, ShiftedClock

MEANS = Means(ShiftedClock(), open_session, LIMITS, TIMING, lambda: 0.5)


def listed_file(tmp_path: pathlib.Path, text: str | None) -> Listed:
    file = tmp_path / "mine.txt"
    if text is not None:
        file.write_text(text)
    wanted = Wanted("mine", "Mine", "block", "auto", subdomains=False, refresh=9.0, file=file)
    listed = Listed(wanted, tmp_path / "lists", MEANS)
    asyncio.run(listed.check())
    return listed


def test_a_list_that_is_well(tmp_path: pathlib.Path) -> None:
    listed = listed_file(tmp_path, "ads.example\n" + "##.ad\n" * 30)
    samples = [Sample(number, "##.ad", "not for DNS") for number in range(2, 32)]
    report = SourceReport(0, "mine", 31, 1, 0, {"not for DNS": 30, "regex": 2}, samples)
    state = state_of(listed, report, listed.meta.checked)
    assert (state.state, state.error, state.rules, state.lines) == ("ok", "", 1, 31)
    assert (state.skipped, state.skipped_by, state.samples) == (32, {"not for DNS": 30, "regex": 2}, samples[:20])
    assert (state.id, state.title, state.kind, state.syntax) == ("mine", "Mine", "block", "auto")
    assert (state.file, state.url, state.bytes) == (str(tmp_path / "mine.txt"), "", 192)
    assert state.fetched == state.checked == state.changed > 0
    assert state.next_check > state.checked
    assert msgspec.json.decode(msgspec.json.encode(state), type=ListState) == state


def test_a_list_that_waits_for_its_first_version(tmp_path: pathlib.Path) -> None:
    state = state_of(listed_file(tmp_path, None), None, 0.0)
    assert (state.state, state.rules, state.bytes, state.fetched) == ("waiting", 0, 0, 0.0)
    assert "No such file" in state.error


def test_a_list_that_fails_and_has_a_version(tmp_path: pathlib.Path) -> None:
    listed = listed_file(tmp_path, "ads.example\n")
    (tmp_path / "mine.txt").unlink()
    asyncio.run(listed.check())
    state = state_of(listed, None, 1e12)
    assert (state.state, state.bytes, state.next_check) == ("failing", 12, 1e12)


def test_a_url_is_shown_without_its_secrets(tmp_path: pathlib.Path) -> None:
    urls = ("https://me:secret@a.example/list?token=secret", "https://b.example/list")
    wanted = Wanted("ads", "Ads", "block", "auto", subdomains=False, refresh=9.0, urls=urls)
    listed = Listed(wanted, tmp_path, MEANS)
    assert state_of(listed, None, 0.0).url == "https://a.example/list"
    listed.meta = msgspec.structs.replace(listed.meta, url=urls[1])
    assert state_of(listed, None, 0.0).url == "https://b.example/list"
