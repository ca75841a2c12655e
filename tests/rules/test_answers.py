"""What the data of response policy records say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.config.records import record
from resolver.model import Drop, Nodata, Nxdomain
from resolver.rules.answers import LONGEST_SHOWN, answer
from resolver.rules.rule import Action, Datum, Options, Saying


def said(text: str, origin: str = "", before: str = "") -> tuple[Action, Options] | None:
    """What a record of a.test says; blanks always part words here."""
    type, *data = text.split(" ")
    return answer(type, tuple(data), origin, "a.test", before)


@pytest.mark.parametrize("before", ["", "*."])
@pytest.mark.parametrize(
    ("text", "action", "says", "shown"),
    [
        ("CNAME .", Action.BLOCK, Nxdomain(), " CNAME ."),
        ("CNAME *.", Action.BLOCK, Nodata(), " CNAME *."),
        ("CNAME RPZ-Passthru.", Action.EXEMPT, None, " CNAME rpz-passthru."),
        ("CNAME rpz-passthru", Action.EXEMPT, None, " CNAME rpz-passthru."),
        ("CNAME rpz-drop.", Action.BLOCK, Drop(), " CNAME rpz-drop."),
        ("CNAME A.test.", Action.EXEMPT, None, " CNAME a.test."),
    ],
)
def test_names_of_actions(before: str, text: str, action: Action, says: Saying | None, shown: str) -> None:
    assert said(text, before=before) == (action, Options(says=says, frame=(before, shown)))


@pytest.mark.parametrize(
    ("text", "type", "rdata"),
    [
        ("A 192.0.2.1", 1, b"\xc0\0\2\1"),
        ("A 0.0.0.0", 1, bytes(4)),
        ("AAAA 2001:DB8::1", 28, b" \1\r\xb8" + bytes(11) + b"\1"),
        ("CNAME b.example.", 5, b"\1b\7example\0"),
        ("CNAME b\\046c.example.", 5, b"\3b.c\7example\0"),
        ("CNAME bücher.example.", 5, b"\x0dxn--bcher-kva\7example\0"),
        ('TXT "b;c(\\"\\200" d', 16, b'\6b;c("\xc8\1d'),
        ("TXT é", 16, b"\2\xc3\xa9"),
        ('TXT ""', 16, b"\0"),
        ("TXT " + "x" * 255, 16, b"\xff" + b"x" * 255),
        ("MX 10 Mail.example.", 15, b"\0\n\4mail\7example\0"),
        ("PTR b.example.", 12, b"\1b\7example\0"),
        ("SRV 1 2 3 b.example.", 33, b"\0\1\0\2\0\3\1b\7example\0"),
        ("HTTPS 1 . alpn=h2", 65, b"\0\1\0\0\1\0\3\2h2"),
        ("HTTPS 0 b.example.", 65, b"\0\0\1b\7example\0"),
        ("SVCB 1 b.example. port=853", 64, b"\0\1\1b\7example\0\0\3\0\2\3U"),
        ('CAA 0 issue "ca.example"', 257, b"\0\5issueca.example"),
    ],
)
def test_records_of_every_type(text: str, type: int, rdata: bytes) -> None:
    found = said(text)
    assert found is not None
    assert (found[0], found[1].says) == (Action.BLOCK, Datum(type, rdata))


@pytest.mark.parametrize(
    "text",
    [
        "CNAME",
        "CNAME b. c.",
        "CNAME rpz-tcp-only.",
        "CNAME rpz-else.",
        "CNAME b.rpz-else",
        "CNAME *.b.example.",
        "CNAME *.a.test.",
        "CNAME b..c.",
        "CNAME " + "b" * 64 + ".",
        "CNAME " + "b." * 2000,
        "NS b.example.",
        "SOA a. b. 1 2 3 4 5",
        "DNAME b.example.",
        "LOC 1 2 3",
        "TYPE65 \\# 0",
        "A",
        "A 192.0.2",
        "A 192.0.2.1 192.0.2.2",
        "A 2001:db8::1",
        "AAAA 192.0.2.1",
        "AAAA fe80::1%eth0",
        "MX mail.example.",
        "MX 10 b..c.",
        "SRV 1 2 3",
        "HTTPS one .",
        "SVCB x .",
        "TXT",
        "TXT \\300",
        "TXT " + "x" * 256,
        "TXT" + " x" * 33_000,
    ],
)
def test_what_says_nothing(text: str) -> None:
    assert said(text) is None


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("CNAME b", "b.rpz.test."),
        ("CNAME @", "rpz.test."),
        ("CNAME b.test.", "b.test."),
        ("CNAME c.d", "c.d.rpz.test."),
    ],
)
def test_names_are_relative_to_the_origin(text: str, target: str) -> None:
    (rdata,) = record(f"x CNAME {target}").rdatas
    shown = Options(says=Datum(5, rdata), frame=("", f" CNAME {target}"))
    assert said(text, origin="rpz.test") == (Action.BLOCK, shown)


@pytest.mark.parametrize("text", ["MX 1 {}", "PTR {}", "SRV 1 2 3 {}", "HTTPS 0 {}"])
def test_so_are_the_names_of_other_types(text: str) -> None:
    found = said(text.format("b"), origin="rpz.test")
    assert found is not None
    assert isinstance(found[1].says, Datum)
    assert (found[1].says.rdata,) == record("x " + text.format("b.rpz.test.")).rdatas


@pytest.mark.parametrize("text", ["CNAME rpz-passthru", "CNAME rpz-drop", "CNAME *"])
def test_an_action_without_its_final_dot_is_none(text: str) -> None:
    assert said(text, origin="rpz.test") is None


def test_long_data_is_cut_where_it_is_shown() -> None:
    found = said("TXT " + "x" * 200)
    assert found is not None
    assert found[1].frame == ("", " TXT " + "x" * (LONGEST_SHOWN - 1) + "…")


WORDS = st.one_of(
    st.text(min_size=1), st.text("a.*@\\\"1:%'()$", min_size=1), st.sampled_from(["1", ".", "alpn=h2", "b.", '"x"'])
)


@given(
    st.sampled_from(
        ["A", "AAAA", "CAA", "CNAME", "HTTPS", "MX", "PTR", "SRV", "SSHFP", "SVCB", "TLSA", "TXT", "NS", "é"]
    ),
    st.lists(WORDS, max_size=5).map(tuple),
    st.sampled_from(["", "rpz.test"]),
)
def test_no_data_makes_it_raise(type: str, data: tuple[str, ...], origin: str) -> None:
    found = answer(type, data, origin, "a.test", "")
    assert found is None or found[1].frame[1].startswith(f" {type} ")
