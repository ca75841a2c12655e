"""Names of services and engines, looked up."""

from __future__ import annotations

from resolver.model import RuleRef, Tier
from resolver.policy.document import SafeEntry, ServiceEntry
from resolver.policy.servicenames import SafeNames, ServiceNames
from tests.support import wire

VIDEO = ServiceEntry("video", "Video", ("video.example", "vid.test"))
MUSIC = ServiceEntry("music", "Music", ("music.video.example",))


def rule(title: str) -> RuleRef:
    return RuleRef(Tier.SERVICES, "services", title)


def test_a_name_and_all_below_it_longest_first() -> None:
    names = ServiceNames((VIDEO, MUSIC))
    assert list(names.of("video.example")) == [("video", rule("Video"))]
    assert list(names.of("a.b.vid.test")) == [("video", rule("Video"))]
    assert list(names.of("x.music.video.example")) == [("music", rule("Music")), ("video", rule("Video"))]
    assert [list(names.of(name)) for name in ("example", "notvideo.example", "video.example.test", ".")] == [[]] * 4


def test_without_services_nothing_is_found() -> None:
    assert list(ServiceNames(()).of("video.example")) == []


def test_engines_answer_at_just_their_names() -> None:
    strict = SafeEntry("strict", "Strict", ("find.example",), "strict.find.example")
    mild = SafeEntry("mild", "Mild", ("find.example",), "mild.find.example")
    names = SafeNames((strict, mild))
    assert names.of("find.example") == [
        ("strict", RuleRef(Tier.SERVICES, "safe-search", "Strict"), wire("strict.find.example")),
        ("mild", RuleRef(Tier.SERVICES, "safe-search", "Mild"), wire("mild.find.example")),
    ]
    assert names.of("www.find.example") == names.of("example") == []
