"""Names: both ways between wire and text, with dnspython as the judge, and whatever bytes and text may come."""

from __future__ import annotations

import time

import dns.exception
import dns.name
import dns.wire
import idna
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resolver.errors import DomainError, WireError
from resolver.wire import name as names
from resolver.wire.name import ROOT, Known, from_text, labels_of, read, suffixes, to_text, within
from tests.support import name_wire

LABELS = st.lists(st.binary(min_size=1, max_size=63), max_size=127).filter(
    lambda labels: sum(map(len, labels)) + len(labels) < names.MAX_NAME
)


def wire(labels: list[bytes]) -> bytes:
    return b"".join(bytes((len(label),)) + label for label in labels) + ROOT


WIRE = LABELS.map(lambda labels: wire(labels).lower())

# Bytes in which lengths and pointers are likely, and lead somewhere.
TANGLED = st.lists(
    st.one_of(
        st.binary(min_size=1, max_size=5).map(lambda label: bytes((len(label),)) + label),
        st.integers(0, 60).map(lambda target: bytes((0xC0, target))),
        st.just(ROOT),
        st.binary(min_size=1, max_size=2),
    ),
    max_size=30,
).map(b"".join)


@given(WIRE)
def test_text_form_reads_back_and_dnspython_reads_the_same(name: bytes) -> None:
    text = to_text(name)
    assert from_text(text) == name
    assert dns.name.from_text(text).to_wire() == name
    assert text.isascii()
    assert text == "." or text.count(".") == len(labels_of(name)) - 1


@given(LABELS)
def test_what_dnspython_writes_is_read(labels: list[bytes]) -> None:
    text = dns.name.Name([*labels, b""]).to_text()
    assert from_text(text) == wire(labels).lower()


@given(WIRE, st.binary(max_size=20), st.binary(max_size=20))
def test_a_plain_name_is_read_wherever_it_stands(name: bytes, before: bytes, after: bytes) -> None:
    assert read(before + name + after, len(before)) == (name, len(before) + len(name))


@given(TANGLED, st.integers(0, 40))
@example(b"\x01a\xc0\x00", 2)
@example(b"\x00\xc0\x00\xc0\x01", 3)
@example(b"\x01\x04\x01\x00\x00\x01\x00\xc0\x01", 5)
def test_any_bytes_are_read_as_dnspython_does_or_refused_as_it_does(data: bytes, offset: int) -> None:
    parser = dns.wire.Parser(data, min(offset, len(data)))
    try:
        expected = (name_wire(parser.get_name(decompress=True)).lower(), parser.current)
    except dns.exception.DNSException:
        with pytest.raises(WireError):
            read(data, offset)
    else:
        assert read(data, offset) == expected


@given(TANGLED, st.lists(st.integers(0, 60), min_size=1, max_size=20))
def test_what_is_known_of_a_message_changes_no_name(data: bytes, offsets: list[int]) -> None:
    known: Known = {}
    for offset in offsets:
        try:
            alone = read(data, offset)
        except WireError:
            continue
        assert read(data, offset, known) == alone
    for offset, (name, *_) in known.items():
        assert labels_of(name) or name == ROOT, offset
        assert len(name) <= names.MAX_NAME


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (b"", 0),
        (b"\x01", 0),
        (b"\x01a", 0),
        (b"\x05abc\0", 0),
        (b"\xc0", 0),
        (b"\xc0\x00", 0),  # itself
        (b"\xc0\x02\0", 0),  # forward
        (b"\xc0\x02\xc0\x00", 2),  # a circle
        (b"\x01a\xc0\x00", 0),  # into itself
        (b"\x40\0", 0),  # label types that do not exist
        (b"\x80\0", 0),
        (b"\x3f" + bytes(63) + b"\x3f" + bytes(63) + b"\x3f" + bytes(63) + b"\x3f" + bytes(63) + b"\0", 0),
        (b"\x01a" * 127 + b"\x01a\0", 0),
        (b"\0", 7),
    ],
)
def test_broken_names_are_refused(data: bytes, offset: int) -> None:
    with pytest.raises(WireError):
        read(data, offset)


def test_the_longest_names() -> None:
    longest = b"\x01a" * 127 + ROOT
    assert read(longest, 0) == (longest, 255)
    assert read(longest + b"\xc0\x00", 255) == (longest, 257)
    with pytest.raises(WireError, match="255 bytes"):
        read(longest + b"\x01b\xc0\x00", 255)
    assert from_text(to_text(longest)) == longest
    with pytest.raises(DomainError, match="253"):
        from_text("b." + to_text(longest))


def test_letters_are_lowered_and_nothing_else() -> None:
    assert read(b"\x04AZ[\xc4\0", 0) == (b"\x04az[\xc4\0", 6)
    assert from_text("ExAmple.COM.") == b"\x07example\x03com\0"


def test_a_long_chain_of_pointers_is_given_up_in_no_time() -> None:
    data = ROOT + b"\xc0\x00" + b"".join((0xC000 | at).to_bytes(2, "big") for at in range(1, 16_000, 2))
    began = time.perf_counter()
    with pytest.raises(WireError, match="pointers"):
        read(data, len(data) - 2)
    assert time.perf_counter() - began < 0.01


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".", b"\0"),
        ("a", b"\x01a\0"),
        ("A.b.", b"\x01a\x01b\0"),
        (r"a\.b.c", b"\x03a.b\x01c\0"),
        (r"\065\000\255", b"\x03a\x00\xff\0"),
        (r"\@\$\\", b"\x03@$\\\0"),
        ("bücher.example", b"\x0dxn--bcher-kva\x07example\0"),
        ("BÜCHER.example", b"\x0dxn--bcher-kva\x07example\0"),
        ("a\u3002b\uff0ec\uff61d", b"\x01a\x01b\x01c\x01d\0"),
        ("_443._tcp.a", b"\x04_443\x04_tcp\x01a\0"),
        ("*.a", b"\x01*\x01a\0"),
    ],
)
def test_text_as_people_write_it(text: str, expected: bytes) -> None:
    assert from_text(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "missing"),
        ("a..b", "empty label"),
        (".a", "empty label"),
        ("..", "empty label"),
        ("a b", "space"),
        ("a\tb", "space"),
        ("a\x00b", "control"),
        ("a\\", "unfinished"),
        ("a\\\\\\", "unfinished"),
        (r"a\256", r"\255"),
        ("a" * 64, "63"),
        ("ü" * 63, "internationalised"),
        ("a." * 127 + "a", "253"),
        ("\u2488ü.example", "internationalised"),  # ⒈ would smuggle in a dot
        ("\ud800ü", "internationalised"),
        ("xn--ü", "internationalised"),
    ],
)
def test_text_that_is_no_name_says_why(text: str, reason: str) -> None:
    with pytest.raises(DomainError, match=reason.replace("\\", r"\\")) as caught:
        from_text(text)
    assert str(caught.value).isprintable()  # it may be shown on a terminal


@given(st.text(max_size=80))
def test_any_text_is_a_name_or_refused(text: str) -> None:
    try:
        name = from_text(text)
    except DomainError:
        return
    assert len(name) <= names.MAX_NAME
    assert name == name.lower()
    assert read(name, 0) == (name, len(name))
    assert from_text(to_text(name)) == name


@given(st.lists(st.text("aAäÄößéλς\u0308\u2488\u00ad", min_size=1, max_size=5), min_size=1, max_size=3))
def test_internationalised_names_are_what_idna_makes_of_the_whole(parts: list[str]) -> None:
    text = ".".join(parts)
    try:
        name = from_text(text)
    except DomainError:
        return
    expected = idna.encode(text, uts46=True, transitional=False).removesuffix(b".").split(b".")
    assert labels_of(name) == expected


@given(LABELS, LABELS)
def test_within_is_about_whole_labels(first: list[bytes], second: list[bytes]) -> None:
    below, zone = wire(first), wire(second)
    expected = first[len(first) - len(second) :] == second if len(first) >= len(second) else False
    assert within(below, zone) is (expected or not second)


def test_suffixes_are_the_name_and_those_above_it() -> None:
    assert list(suffixes("a.b.example")) == ["a.b.example", "b.example", "example"]
    odd = to_text(b"\3a.b\7example\0")
    assert list(suffixes(odd)) == [odd, "example"]


def test_within_does_not_cut_labels() -> None:
    assert within(wire([b"a", b"b"]), wire([b"b"]))
    assert within(wire([b"b"]), wire([b"b"]))
    assert not within(wire([b"ab"]), wire([b"b"]))
    assert not within(wire([b"b"]), wire([b"a", b"b"]))
    assert not within(b"\x03a\x01b\0", b"\x01b\0")  # the bytes of "b" inside a label
