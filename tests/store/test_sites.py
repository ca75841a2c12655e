import msgspec

from resolver.store import sites
from resolver.store.people import PeopleStore
from resolver.store.sites import NewSite, Site
from tests.store.making import NOON, StillClock

NEWS = NewSite("news.example", ("a.example", "b.example"), window=900, client="tv", comment="video", who="ada")


def test_a_site_rule_is_stored_with_all_it_says(people: PeopleStore) -> None:
    for new in (NEWS, NewSite("x.example", (), everything=True, window=None, group="kids", until=NOON + 60)):
        put = people.put_site(new)
        assert (put.before, put.changed) == (None, True)
        assert put.site == Site(**msgspec.structs.asdict(new), id=put.site.id, created=NOON)
        assert people.sites()[-1] == put.site
        assert sites.read(sites.row_of(put.site)) == put.site
    assert [site.key for site in people.sites()] == ["site:1", "site:2"]


def test_putting_it_again_keeps_its_id(people: PeopleStore, clock: StillClock) -> None:
    first = people.put_site(NEWS).site
    clock.now += 10
    again = people.put_site(msgspec.structs.replace(NEWS, allow=("c.example",), window=None, who="bob"))
    assert (again.before, again.site.id, again.site.created) == (first, first.id, NOON)
    assert (again.site.allow, again.site.window, again.site.who) == (("c.example",), None, "bob")
    assert people.sites() == [again.site]
    same = people.put_site(msgspec.structs.replace(NEWS, allow=("c.example",), window=None, who="eve"))
    assert (same.changed, same.site) == (False, again.site)
    assert len(people.changes()) == 2


def test_other_scopes_are_other_rules(people: PeopleStore) -> None:
    for client, group in (("", ""), ("tv", ""), ("", "kids"), ("phone", "")):
        assert people.put_site(msgspec.structs.replace(NEWS, client=client, group=group)).before is None
    assert len(people.sites()) == 4
    gone = people.delete_site("news.example", group="kids", who="ada")
    assert gone is not None
    assert gone.group == "kids"
    assert people.delete_site("news.example", group="kids") is None
    assert [(site.client, site.group) for site in people.sites()] == [("", ""), ("tv", ""), ("phone", "")]


def test_names_are_added_and_taken_out(people: PeopleStore) -> None:
    assert people.remove_names("news.example", ["a.example"], client="tv") is None
    made = people.allow_names(NEWS)
    assert (made.before, made.site.allow) == (None, ("a.example", "b.example"))
    more = people.allow_names(NewSite("news.example", ("b.example", "c.example"), window=60, client="tv"))
    assert (more.site.allow, more.site.window) == (("a.example", "b.example", "c.example"), 900)
    assert not people.allow_names(NewSite("news.example", ("a.example",), client="tv")).changed
    less = people.remove_names("news.example", ["b.example", "z.example"], client="tv")
    assert less is not None
    assert less.site.allow == ("a.example", "c.example")
    none = people.remove_names("news.example", ["c.example", "a.example"], client="tv", who="ada")
    assert none is not None
    assert (none.site.allow, none.before) == ((), less.site)
    assert people.sites() == []
    assert people.changes()[0].what == "on news.example no longer allow c.example a.example for tv"


def test_a_rule_for_everything_stays_without_names(people: PeopleStore) -> None:
    people.put_site(msgspec.structs.replace(NEWS, everything=True))
    less = people.remove_names("news.example", ["a.example", "b.example"], client="tv")
    assert less is not None
    assert people.sites() == [less.site]
    assert less.site.allow == ()


def test_what_it_is_called() -> None:
    assert sites.told(NEWS, NOON) == "on news.example allow a.example b.example for tv"
    everything = NewSite("x.example", everything=True, group="kids", until=NOON + 600)
    assert sites.told(everything, NOON) == "on x.example allow all for group kids for 10 min"
