import pathlib

import msgspec
import pytest

from resolver.config.schema import ListSource
from resolver.config.updates import Updates
from resolver.errors import ListError
from resolver.lists.canaries import Canary
from resolver.model import Client, Type
from tests.lists.home import Home, go, remote, running, state
from tests.lists.site import HABITS, page, serving, sha256, until

ADS = "".join(f"||ads{number}.example^\n" for number in range(100))
ANYBODY = Client("", "default")


@pytest.fixture
def home(tmp_path: pathlib.Path) -> Home:
    home = Home(tmp_path)
    home.updates = Updates(reach=home.loopback)
    return home


def tree(home: Home) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in home.state.rglob("*") if path.is_file()}


def test_a_list_is_tried_out_and_nothing_is_left(home: Home) -> None:
    async def main() -> None:
        async with serving(try_=page(ADS + "##.ad\n")) as site:
            lists = await home.lists()
            before, handed = tree(home), len(home.compiled)
            source = ListSource("mine", url=f"{site.url}/try_?token=secret", kind="block", syntax="auto")
            async with lists.trial(source, home.catalogue, within=()) as trial:
                assert (trial.report.rules, trial.report.skipped) == (100, {"not for DNS": 1})
                assert (trial.bytes, trial.url, trial.refused) == (len(ADS) + 6, f"{site.url}/try_", "")
                winner = trial.names.winner("x.ads7.example", 1, Type.A, ANYBODY)
                assert winner is not None
                assert (winner.list, len(trial.names)) == ("mine", 100)
            assert (tree(home), len(home.compiled), lists.missing()) == (before, handed, frozenset())
            assert lists.states() == []

    go(main)


def test_what_the_guard_would_say(home: Home) -> None:
    async def main() -> None:
        home.canaries = [Canary("dns.example", "an upstream"), Canary("school.example", "often", usual=True)]
        async with serving(bad=page(ADS + "||dns.example^\n||school.example^\n"), page=page("<html>")) as site:
            lists = await home.lists()
            for name, said in (
                ("bad", "it would block dns.example (||dns.example^), an upstream"),
                ("page", "it is a web page, not a list; a sign-in page of the network may have answered"),
            ):
                source = msgspec.structs.replace(remote(name, site.url), id="trial")
                async with lists.trial(source, home.catalogue, within=()) as trial:
                    assert trial.refused == said

    go(main)


def test_a_list_in_use_is_held_against_its_version_in_force(home: Home) -> None:
    async def main() -> None:
        async with serving(ads=page(ADS)) as site:
            lists = await home.lists(remote("ads", site.url))
            await lists.refresh()
            before = state(lists, "ads")
            site.pages["/ads"] = page("||ads1.example^\n")
            async with lists.trial(remote("ads", site.url), home.catalogue, within=()) as trial:
                assert trial.refused == "it has 1 rule, the version before had 100: less than 50 %"
            assert state(lists, "ads").versions == before.versions

    go(main)


def test_what_cannot_be_had(home: Home) -> None:
    async def main() -> None:
        async with serving(gone=page("", status=404)) as site:
            lists = await home.lists()
            before = tree(home)
            for source, said in (
                (remote("gone", site.url), "/gone: the server answered 404"),
                (remote("far", "http://169.254.169.254"), "metadata"),
                (ListSource("nope"), "list nope: is not in the catalogue"),
                (home.own("mine", ADS), "this file cannot be tried out"),
            ):
                with pytest.raises(ListError, match=said):
                    async with lists.trial(source, home.catalogue, within=()):
                        raise AssertionError
            assert tree(home) == before

    go(main)


def test_this_machine_is_not_asked_for_somebody_else(home: Home) -> None:
    async def main() -> None:
        home.updates = Updates()
        async with serving(ads=page(ADS)) as site:
            lists = await home.lists(remote("ads", site.url))  # the config may say so
            await lists.refresh()
            assert state(lists, "ads").state == "ok"
            with pytest.raises(ListError, match="loopback"):
                async with lists.trial(remote("other", site.url), home.catalogue, within=()):
                    raise AssertionError
            assert site.paths() == ["/ads"]

    go(main)


def test_files(home: Home, tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        lists = await home.lists()
        async with lists.trial(home.own("mine", ADS), home.catalogue, within=(home.directory,)) as trial:
            assert (trial.url, trial.refused, trial.report.rules) == (str(tmp_path / "mine.txt"), "", 100)
        async with lists.trial(ListSource("starter"), home.catalogue, within=()) as trial:
            assert trial.report.rules == 1
        with pytest.raises(ListError, match=r"mine\.txt: it is not in .*/lists; updates\.files"):
            async with lists.trial(home.own("mine", ADS), home.catalogue, within=(tmp_path / "lists",)):
                raise AssertionError
        with pytest.raises(ListError, match=r"mine\.txt: this file cannot be tried out"):
            async with lists.trial(home.own("mine", ADS), home.catalogue, within=()):
                raise AssertionError

    go(main)


def test_a_trial_meanwhile_disturbs_nothing(home: Home) -> None:
    async def main() -> None:
        async with serving(ads=page(ADS), other=page("||other.example^\n")) as site:
            lists = await home.lists(remote("ads", site.url), habits=HABITS)
            async with (
                running(lists),
                lists.trial(remote("other", site.url), home.catalogue, within=()) as trial,
            ):
                await until(lambda: "ads" in lists.compiled.ids)
                await lists.refresh(force=True)
                assert trial.names.winner("other.example", 1, Type.A, ANYBODY) is not None
            assert state(lists, "ads").versions[0].sha256 == sha256(ADS)

    go(main)
