import pathlib

import msgspec
import pytest

from resolver.config.updates import Updates
from resolver.lists.examine import Before, Judged
from resolver.lists.listed import Listed
from resolver.lists.wanted import Wanted
from tests.lists.home import go, means
from tests.lists.one import LIST, OTHER, left, remote
from tests.lists.site import Handler, ShiftedClock, page, redirect, serving, sha256


@pytest.mark.parametrize(
    ("bad", "said", "kept"),
    [
        (page("<html><body>Sign in</body></html>"), "/list: it is a web page", ["refused"]),
        (page(b"\x1f\x8b\x00\x00\x00"), "/list: it is not text", ["refused"]),
        (page(""), "/list: it is empty", ["refused"]),
        (page("# all gone\n"), "/list: no line of it is a rule", ["refused"]),
        (page(LIST, status=500), "/list: the server answered 500", []),
        (page("x" * 100_001), "/list: it is larger than", []),
        (redirect("/login"), "/list: the server answered 404", []),
    ],
)
def test_a_bad_version_leaves_the_good_one_and_the_source_is_asked_again_soon(
    tmp_path: pathlib.Path, bad: Handler, said: str, kept: list[str]
) -> None:
    clock = ShiftedClock()

    async def main() -> None:
        async with serving(list=page(LIST, etag='"1"')) as site:
            listed = Listed(remote(f"{site.url}/list"), tmp_path, means(tmp_path, clock))
            await listed.check()
            before = listed.version
            site.pages["/list"] = bad
            for failures, pause in ((1, 0.05), (2, 0.1), (3, 0.1)):
                assert not await listed.check()
                assert said in listed.meta.error
                assert (listed.meta.failures, listed.version) == (failures, before)
                assert listed.meta.next_try == pytest.approx(listed.meta.checked + pause)
            assert listed.path.read_text() == LIST
            assert left(tmp_path) == ["meta.json", *kept, "versions"]
            again = Listed(listed.wanted, tmp_path, means(tmp_path)).meta
            assert again == msgspec.structs.replace(listed.meta, next_try=again.next_try)
            site.pages["/list"] = page(OTHER)
            assert await listed.check()
            assert (listed.meta.error, listed.meta.failures, listed.refused) == ("", 0, None)
            assert left(tmp_path) == ["meta.json", "versions", "versions"]

    go(main)


def test_a_version_that_harms_is_examined_once_and_asked_for_as_ever(
    tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = ShiftedClock()

    async def main() -> None:
        async with serving(list=page(LIST, etag='"1"')) as site:
            listed = Listed(remote(f"{site.url}/list"), tmp_path, means(tmp_path, clock))
            await listed.check()
            site.pages["/list"] = page(LIST + "||*^\n", etag='"2"')
            for _ in range(3):
                clock.shift += 500
                assert not await listed.check()
                assert listed.meta.error == f"{site.url}/list: line 2 (||*^) matches every name"
                assert listed.meta.next_try == pytest.approx(listed.meta.checked + 1000)
            assert [headers.get("If-None-Match") for _, headers in site.asked] == [None, '"1"', '"2"', '"2"']
            assert caplog.text.count("matches every name") == 1
            assert listed.refused is not None
            assert listed.refused.at == pytest.approx(clock.time() - 1000, abs=5)
            site.pages["/list"] = page(LIST + "||*^\n")  # without an ETag
            assert not await listed.check()
            assert listed.refused.at == pytest.approx(clock.time() - 1000, abs=5)
            site.pages["/list"] = page(LIST)
            assert not await listed.check()  # what is in force is what is given again
            assert (listed.meta.turned, listed.meta.error) == (None, "")
            assert left(tmp_path) == ["meta.json", "versions"]

    go(main)


def test_a_sign_in_page_s_date_does_not_keep_the_list_from_coming(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving(list=page(LIST)) as site:
            listed = Listed(remote(f"{site.url}/list"), tmp_path, means(tmp_path))
            await listed.check()
            site.pages["/list"] = page("<html>", Last_Modified="Wed, 01 Jan 2076 00:00:00 GMT", etag='"9"')
            for _ in range(3):
                await listed.check()
                assert not {"If-Modified-Since", "If-None-Match"} & set(site.asked[-1][1])
            assert listed.meta.failures == 3

    go(main)


def test_a_version_is_judged_anew_by_other_terms(tmp_path: pathlib.Path) -> None:
    clock = ShiftedClock()
    grown = "".join(f"||ads{number}.example^\n" for number in range(400))

    async def main() -> None:
        async with serving(list=page(grown[: len(grown) // 4], etag='"1"')) as site:
            with_ = means(tmp_path, clock)
            listed = Listed(remote(f"{site.url}/list"), tmp_path, with_)
            await listed.check()
            site.pages["/list"] = page(grown, etag='"2"')
            assert not await listed.check()
            assert "more than 300 %" in listed.meta.error
            assert listed.due(clock.time()) > clock.time() + 900
            with_.examiner.updates = Updates(grow=500)
            listed.use(listed.wanted)
            assert listed.due(clock.time()) <= clock.time()
            assert await listed.check()
            assert (listed.meta.error, listed.refused) == ("", None)

    go(main)


def test_going_back_during_a_check_has_it_judged_by_what_is_in_force_then(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        async with serving(list=page(LIST)) as site:
            with_ = means(tmp_path)
            listed = Listed(remote(f"{site.url}/list"), tmp_path, with_)
            for text in (LIST, OTHER):
                site.pages["/list"] = page(text)
                await listed.check()
            before: list[str] = []
            examine = with_.examiner.examine

            async def meanwhile(path: pathlib.Path, wanted: Wanted, former: Before | None) -> Judged:
                assert former is not None
                before.append(former.path.read_text())
                if len(before) == 1:
                    await listed.rollback()
                return await examine(path, wanted, former)

            monkeypatch.setattr(with_.examiner, "examine", meanwhile)
            site.pages["/list"] = page("||third.example^\n")
            assert await listed.check()
            assert before == [OTHER, LIST]
            assert [held.sha256 for held in listed.meta.older] == [sha256(LIST)]

    go(main)
