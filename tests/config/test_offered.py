"""The services and search engines that ship with Lull, and what their files may say."""

from __future__ import annotations

import pathlib
from collections import Counter

import pytest

from resolver.config.offered import ALL, KINDS, Offered
from resolver.errors import ListError
from resolver.wire.name import from_text, to_text

SHIPPED = Offered.load()

ONE = "  - {id: one, title: One, kind: games, names: [one.example, one.test]}\n"
TWO = "  - {id: two, title: Two, kind: music, names: [two.example]}\n"
FIND = "  - {id: find, title: Find, target: safe.find.example, names: [find.example, www.find.example]}\n"
SEEK = "  - {id: seek, title: Seek, target: safe.seek.example, names: [seek.example]}\n"
MILD = FIND.replace("find,", "mild,", 1).replace("safe.", "mild.").replace("}", ", instead: find}")


def written(directory: pathlib.Path, services: str = ONE, engines: str = FIND) -> pathlib.Path:
    (directory / "services.yaml").write_text("services:\n" + services)
    (directory / "safesearch.yaml").write_text("engines:\n" + engines)
    return directory


def test_there_are_many_services_of_every_kind() -> None:
    assert len(SHIPPED.services) >= 120
    counts = Counter(service.kind for service in SHIPPED.services.values())
    assert set(counts) == set(KINDS)
    assert min(counts.values()) >= 10


def test_every_name_is_normal_and_of_one_service_alone() -> None:
    names = [name for service in SHIPPED.services.values() for name in service.names]
    assert len(set(names)) == len(names)
    assert all(to_text(from_text(name)) == name and "." in name for name in names)


def test_a_name_below_one_of_another_service_is_a_part_of_it_that_is_meant() -> None:
    owner = {name: service.id for service in SHIPPED.services.values() for name in service.names}
    nested = {
        (owner[name], owner[above]) for name in owner for above in owner if name != above and name.endswith(f".{above}")
    }
    assert nested == {("youtube-music", "youtube"), ("amazon-music", "amazon")}


def test_titles_are_told_apart() -> None:
    services = [one.title for one in SHIPPED.services.values()]
    engines = [one.title for one in SHIPPED.engines.values()]
    assert len({*services, *engines}) == len(services) + len(engines)


def test_no_service_takes_what_others_need() -> None:
    shared = """akamaihd.net akamaized.net cloudfront.net fastly.net amazonaws.com cloudflare.net googleapis.com
        gstatic.com google.com apple.com microsoft.com live.com qq.com azureedge.net fbcdn.net ggpht.com bamgrid.com"""
    names = {name for service in SHIPPED.services.values() for name in service.names}
    assert names.isdisjoint(shared.split())


@pytest.mark.parametrize(
    ("engine", "name", "target"),
    [
        ("google", "www.google.com", "forcesafesearch.google.com"),
        ("google", "www.google.co.za", "forcesafesearch.google.com"),
        ("bing", "www.bing.com", "strict.bing.com"),
        ("duckduckgo", "duckduckgo.com", "safe.duckduckgo.com"),
        ("youtube", "youtubei.googleapis.com", "restrict.youtube.com"),
        ("youtube-moderate", "www.youtube-nocookie.com", "restrictmoderate.youtube.com"),
        ("yandex", "www.yandex.com.tr", "familysearch.yandex.ru"),
        ("ecosia", "www.ecosia.org", "strict-safe-search.ecosia.org"),
        ("pixabay", "pixabay.com", "safesearch.pixabay.com"),
        ("brave", "search.brave.com", "forcesafe.search.brave.com"),
    ],
)
def test_engines_as_their_makers_document_them(engine: str, name: str, target: str) -> None:
    assert name in SHIPPED.engines[engine].names
    assert SHIPPED.engines[engine].target == target


def test_google_is_there_for_all_countries() -> None:
    names = SHIPPED.engines["google"].names
    assert len(names) >= 187
    assert all(name.startswith("www.google.") for name in names)


def test_a_kind_is_every_service_of_it() -> None:
    dating = SHIPPED.services_of(["dating"])
    assert "tinder" in dating
    assert {SHIPPED.services[id].kind for id in dating} == {"dating"}
    assert SHIPPED.services_of(["tiktok", "dating", "tinder"]) == ("tiktok", *dating)
    assert SHIPPED.services_of(["nothing"]) == ()
    assert SHIPPED.words() == (*KINDS, *SHIPPED.services)


def test_all_engines_and_one_instead_of_another() -> None:
    every = SHIPPED.engines_of([ALL])
    assert set(SHIPPED.engines) - set(every) == {"youtube-moderate"}
    assert set(SHIPPED.engines) - set(SHIPPED.engines_of([ALL, "youtube-moderate"])) == {"youtube"}
    assert SHIPPED.engines_of(["brave", "google"]) == ("google", "brave")


def test_files_of_ones_own(tmp_path: pathlib.Path) -> None:
    offered = Offered.load(written(tmp_path, ONE + TWO, FIND + MILD))
    assert offered.words() == ("music", "games", "one", "two")
    assert offered.services["one"].names == ("one.example", "one.test")
    assert offered.engines["mild"].instead == "find"


@pytest.mark.parametrize(
    ("services", "said"),
    [
        (ONE + ONE, "one: the id is a kind, or another service has it"),
        (ONE.replace("id: one", "id: games"), "games: the id is a kind"),
        (ONE + TWO.replace("two.example", "one.test"), "two: one.test is already a name of one"),
        (ONE.replace("one.test", "one.example"), "one: one.example is already a name of one"),
        (ONE.replace("one.test", "www.one.example"), "one: www.one.example is below another of its names"),
        (ONE.replace("one.test", "One.Test"), "one: One.Test is not a name in its normal form"),
        (ONE.replace("one.test", "one.test."), "is not a name in its normal form"),
        (ONE.replace("one.test", "test"), "one: test is not a name in its normal form"),
        (ONE.replace("one.test", "a..b"), "one: "),
        (ONE.replace("[one.example, one.test]", "[]"), r"\$.services\[0\].names"),
        (ONE.replace("games", "gaming"), r"\$.services\[0\].kind"),
        (ONE.replace("id: one", "id: One"), r"\$.services\[0\].id"),
        (ONE.replace("title", "name"), r"\$.services\[0\]"),
    ],
)
def test_broken_services(tmp_path: pathlib.Path, services: str, said: str) -> None:
    with pytest.raises(ListError, match=said) as caught:
        Offered.load(written(tmp_path, services))
    assert str(caught.value).startswith(f"{tmp_path / 'services.yaml'}: ")


@pytest.mark.parametrize(
    ("engines", "said"),
    [
        (FIND + FIND, "an id is given twice, or is all"),
        (FIND.replace("id: find", "id: all"), "an id is given twice, or is all"),
        (FIND + SEEK.replace("[seek.", "[find."), "seek: find.example is already a name of find"),
        (SEEK.replace("safe.seek.example", "seek.example"), "seek: a name is given twice, or is the target too"),
        (FIND.replace("www.find", "find"), "find: a name is given twice"),
        (MILD, "mild: is instead of find, which"),
        (FIND + SEEK.replace("}", ", instead: find}"), "seek: is instead of find, which has other names"),
        (FIND + MILD + MILD.replace("mild", "wild").replace("instead: find", "instead: mild"), "is none itself"),
        (FIND.replace("safe.find.example", "Safe.find.example"), "Safe.find.example is not a name in its normal form"),
    ],
)
def test_broken_engines(tmp_path: pathlib.Path, engines: str, said: str) -> None:
    with pytest.raises(ListError, match=said) as caught:
        Offered.load(written(tmp_path, engines=engines))
    assert str(caught.value).startswith(f"{tmp_path / 'safesearch.yaml'}: ")


def test_the_fewest_words() -> None:
    offered = Offered.load()
    games = offered.services_of(["games"])
    assert offered.by_kind(["tiktok", *games, "gone"]) == ("games", "tiktok", "gone")
    assert offered.by_kind(games[1:]) == games[1:]
    assert offered.by_kind(offered.services) == tuple(kind for kind in KINDS if offered.services_of([kind]))
    assert offered.by_kind([]) == ()
    assert Offered().by_kind(["x"]) == ("x",)
