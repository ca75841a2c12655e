from resolver.lists.sources import Held, Meta, Turned


def held(letter: str) -> Held:
    return Held(letter * 64, "block", f"http://{letter}.example", received=1.0)


A, B, C, D = map(held, "abcd")


def shas(some: tuple[Held, ...]) -> str:
    return "".join(one.sha256[0] for one in some)


def test_nothing_is_known_at_first() -> None:
    assert (Meta().version, Meta().left, Meta().older, Meta().files()) == (None, (), (), ())


def test_new_versions_come_first_and_three_are_kept() -> None:
    meta = Meta()
    for now, one in enumerate((A, B, C, D), 10):
        meta = meta.taken(one, float(now))
        assert meta.version == one
    assert (shas(meta.versions), shas(meta.left), shas(meta.older), meta.changed) == ("dcb", "", "cb", 13.0)


def test_going_back_leaves_the_newer_ones_until_another_is_taken() -> None:
    meta = Meta().taken(A, 1.0).taken(B, 2.0).taken(C, 3.0)
    back = meta.moved(B, 4.0, "it was wrong")
    assert (shas(back.versions), shas(back.left), shas(back.older)) == ("cba", "c", "a")
    assert (back.version, back.changed, back.note) == (B, 4.0, "it was wrong")
    further = back.moved(A, 5.0, "both were")
    assert (shas(further.left), shas(further.older)) == ("cb", "")
    after = further.taken(D, 6.0)
    assert (shas(after.versions), after.note) == ("da", "")


def test_a_version_of_before_that_comes_again_is_kept_once() -> None:
    meta = Meta().taken(A, 1.0).taken(B, 2.0).taken(C, 3.0).taken(A, 4.0)
    assert shas(meta.versions) == "acb"


def test_a_refused_version_that_is_taken_is_refused_no_more() -> None:
    meta = Meta(turned=Turned(B, "too large", 1.0)).taken(A, 2.0)
    assert shas(meta.files()) == "ab"
    assert meta.taken(B, 3.0).turned is None


def test_the_rules_of_one_version_are_noted() -> None:
    meta = Meta().taken(A, 1.0).taken(B, 2.0).counted("a" * 64, 7)
    assert [one.rules for one in meta.versions] == [0, 7]


def test_asking_anew_forgets_what_would_make_the_source_say_that_nothing_is_new() -> None:
    meta = Meta(
        url="http://x", etag='"1"', last_modified="x", sha256="a" * 64, next_try=9.0, versions=(A,), current="a"
    )
    anew = meta.asked_anew()
    assert (anew.etag, anew.last_modified, anew.sha256, anew.next_try) == ("", "", "", 0.0)
    assert (anew.versions, anew.current, anew.url) == ((A,), "a", "http://x")
