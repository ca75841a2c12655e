import asyncio
import pathlib

import msgspec
import pytest

from resolver.lists.bodies import ListState, Refused, Version
from resolver.lists.listed import Listed
from resolver.lists.sources import Held, Turned
from resolver.lists.states import state_of
from resolver.lists.wanted import Wanted
from resolver.rules.report import Sample, SourceReport
from tests.lists.home import means


def listed_file(tmp_path: pathlib.Path, text: str | None) -> Listed:
    file = tmp_path / "mine.txt"
    if text is not None:
        file.write_text(text)
    wanted = Wanted("mine", "Mine", "block", "auto", subdomains=False, refresh=9.0, file=file)
    listed = Listed(wanted, tmp_path / "lists", means(tmp_path))
    asyncio.run(listed.check())
    return listed


def test_a_list_that_is_well(tmp_path: pathlib.Path) -> None:
    listed = listed_file(tmp_path, "ads.example\n" + "##.ad\n" * 30)
    samples = [Sample(number, "##.ad", "not for DNS") for number in range(2, 32)]
    report = SourceReport(0, "mine", 31, 1, 0, {"not for DNS": 30, "regex": 2}, samples, 1, 0, 7, 5)
    state = state_of(listed, report, listed.meta.checked)
    assert (state.state, state.error, state.rules, state.lines) == ("ok", "", 1, 31)
    assert (state.skipped, state.skipped_by, state.samples) == (32, {"not for DNS": 30, "regex": 2}, samples[:20])
    assert (state.id, state.title, state.kind, state.syntax) == ("mine", "Mine", "block", "auto")
    assert (state.file, state.url, state.bytes) == (str(tmp_path / "mine.txt"), "", 192)
    assert state.fetched == state.changed == pytest.approx(state.checked, abs=1)
    assert (state.mode, state.patterns, state.names, state.shared, state.note) == ("live", 1, 7, 5, "")
    assert (state.refused, [version.current for version in state.versions]) == (None, [True])
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
    listed = Listed(wanted, tmp_path, means(tmp_path))
    assert state_of(listed, None, 0.0).url == "https://a.example/list"
    listed.meta = msgspec.structs.replace(listed.meta, url=urls[1])
    assert state_of(listed, None, 0.0).url == "https://b.example/list"


def test_versions_and_what_was_refused(tmp_path: pathlib.Path) -> None:
    urls = ("https://me:secret@a.example/list?token=secret",)
    wanted = Wanted("ads", "Ads", "block", "auto", subdomains=False, refresh=9.0, urls=urls, mode="shadow")
    listed = Listed(wanted, tmp_path, means(tmp_path))
    one, two, bad = (Held(letter * 64, "block", urls[0], float(at), at, 10 * at) for at, letter in enumerate("abc", 1))
    meta = listed.meta.taken(one, 11.0).taken(two, 12.0).moved(one, 13.0, "it was wrong")
    listed.meta = msgspec.structs.replace(meta, turned=Turned(bad, "too large", 14.0, "terms"))
    state = state_of(listed, None, 0.0)
    assert state.versions == [
        Version("b" * 64, 2.0, 2, 20, "https://a.example/list", current=False),
        Version("a" * 64, 1.0, 1, 10, "https://a.example/list", current=True),
    ]
    assert state.refused == Refused("too large", 14.0, 3, 30, "c" * 64)
    assert (state.note, state.mode, state.rules, state.bytes, state.changed) == ("it was wrong", "shadow", 1, 10, 13.0)
    assert "secret" not in msgspec.json.encode(state).decode()
    assert msgspec.json.decode(msgspec.json.encode(state), type=ListState) == state
