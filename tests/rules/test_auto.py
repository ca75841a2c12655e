"""What each line of a list means, and the choice of syntax."""

import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.model import Drop, Nodata, Nxdomain
from resolver.rules import auto
from resolver.rules.normal import normal
from resolver.rules.read import TooLong, lines
from resolver.rules.rule import (
    Action,
    Cancel,
    Datum,
    Form,
    Network,
    Options,
    Outcome,
    Pattern,
    Reason,
    Rule,
    Saying,
    Skip,
)

EXACT = (Rule("a.example", Action.BLOCK, Form.EXACT),)
TREE = (Rule("a.example", Action.BLOCK, Form.SUBTREE),)
WILDCARD = (Rule("a.example", Action.BLOCK, Form.WILDCARD),)
GONE = Options(says=Nxdomain())
A = Datum(1, bytes((192, 0, 2, 1)))


def parsed(line: str, syntax: str = "auto") -> Outcome:
    parse = auto.parser(syntax)
    assert parse is not None
    return parse(line)


def said(says: Saying | None, before: str, after: str, *, action: Action = Action.BLOCK) -> Outcome:
    form = Form.SUBDOMAINS if before == "*." else Form.EXACT
    return (Rule("a.example", action, form, Options(says=says, frame=(before, after))),)


ROWS = [
    # hosts
    ("hosts", "0.0.0.0 a.example b.example # x", (*EXACT, Rule("b.example", Action.BLOCK, Form.EXACT))),
    *[("hosts", f"{sink} a.example", EXACT) for sink in ("0.0.0.0", "127.0.0.1", "::", "::1", "127.0.1.1")],
    ("hosts", "192.0.2.1 a.example", said(A, "192.0.2.1 ", "")),
    ("hosts", "2001:db8::1 a.example", said(Datum(28, b" \1\r\xb8" + bytes(11) + b"\1"), "2001:db8::1 ", "")),
    # names that are never a rule
    *[("hosts", f"127.0.0.1 {name}", ()) for name in ("localhost", "ip6-localhost", "broadcasthost", "0.0.0.0")],
    *[("domains", name, ()) for name in ("localhost", "ip6-localhost", "broadcasthost", "0.0.0.0")],
    ("hosts", "192.0.2.1 localhost", ()),
    # domains
    ("domains", "a.example", EXACT),
    ("domains", "A.EXAMPLE. # x", EXACT),
    ("domains", "*.a.example", WILDCARD),
    # adblock
    ("adblock", "||a.example^", TREE),
    ("adblock", "@@||a.example^", (Rule("a.example", Action.ALLOW, Form.SUBTREE),)),
    # dnsmasq
    ("dnsmasq", "address=/a.example/", TREE),
    ("dnsmasq", "address=/a.example/0.0.0.0", TREE),
    ("dnsmasq", "server=/a.example/", TREE),
    ("dnsmasq", "local=/a.example/", TREE),
    # rpz
    ("rpz", "a.example CNAME .", said(Nxdomain(), "", " CNAME .")),
    ("rpz", "*.a.example CNAME .", said(Nxdomain(), "*.", " CNAME .")),
    ("rpz", "a.example CNAME *.", said(Nodata(), "", " CNAME *.")),
    ("rpz", "a.example CNAME rpz-passthru.", said(None, "", " CNAME rpz-passthru.", action=Action.EXEMPT)),
    ("rpz", "a.example CNAME rpz-drop.", said(Drop(), "", " CNAME rpz-drop.")),
    ("rpz", "a.example A 192.0.2.1", said(A, "", " A 192.0.2.1")),
    ("rpz", "$ORIGIN rpz.example.", ()),
    ("rpz", "$TTL 300", ()),
    ("rpz", "; x", ()),
    # comments
    *[(syntax, line, ()) for syntax in auto.SYNTAXES for line in ("! x", "# x", "[Adblock Plus 2.0]", "")],
    ("domains", "a.example#b", (Skip(Reason.NOT_A_NAME),)),
    ("hosts", "0.0.0.0 a.example#b", (Skip(Reason.NOT_A_NAME),)),
    # not for DNS
    *[
        ("adblock", line, (Skip(Reason.NOT_DNS),))
        for line in ("a.b##.ad", "a.b#@#.ad", "a.b#?#.ad", "a.b$$script", "a.b#%#x()", "https://a.b/x")
    ],
]


@pytest.mark.parametrize(("syntax", "line", "outcome"), ROWS)
def test_what_each_line_means(syntax: str, line: str, outcome: Outcome) -> None:
    assert parsed(line, syntax) == outcome
    assert parsed(line) == outcome


@pytest.mark.parametrize("syntax", ["adblock", "auto"])
def test_an_expression_is_a_pattern(syntax: str) -> None:
    (found,) = parsed("/ads[0-9]/", syntax)
    assert isinstance(found, Pattern)
    assert parsed("/(?!x)/", syntax) == (Skip(Reason.REGEX),)


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("a.example ## x || y", EXACT),
        (" a.example", EXACT),
        (" 0.0.0.0 a.example", EXACT),
        ("0.0.0.0\ta.example # ||x^", EXACT),
        ("*.a.example # x", WILDCARD),
        ("*.a.example^", (Rule("a.example", Action.BLOCK, Form.SUBDOMAINS),)),
        ("a.example^$important", None),
        ("||a.example^$client='B A 1'", None),
        ("a.example$client='B A 1'", None),
        (".a.example", None),
        ("a.*.example", None),
        ("*ads.example.org", None),
        ("*", (Skip(Reason.TOO_BROAD),)),
        ("*.a.example.", WILDCARD),
        ("192.0.2.1", (Network("192.0.2.1/32", Action.BLOCK, "192.0.2.1"),)),
        ("192.0.2.1 # x", (Network("192.0.2.1/32", Action.BLOCK, "192.0.2.1"),)),
        ("::1", ()),
        ("0.0.0.0 # x", (Skip(Reason.NO_NAME),)),
        ("127.0.0.53", (Network("127.0.0.53/32", Action.BLOCK, "127.0.0.53"),)),
        (" ; x", ()),
        ("address = /a.example/#", TREE),
        ("server=192.0.2.1", (Skip(Reason.DNSMASQ),)),
        ("cache-size=1000", (Skip(Reason.DNSMASQ),)),
        ("a.example 300 IN CNAME . ; x", said(Nxdomain(), "", " CNAME .")),
        ("a.example\tin\taaaa\t::", said(Datum(28, bytes(16)), "", " AAAA ::")),
        ("a.example CNAME rpz-tcp-only.", (Skip(Reason.RPZ),)),
        ("$INCLUDE x", (Skip(Reason.RPZ),)),
        ("24.0.2.0.192.rpz-ip CNAME .", (Network("192.0.2.0/24", Action.BLOCK, "24.0.2.0.192.rpz-ip CNAME .", GONE),)),
        (" CNAME .", (Skip(Reason.NOT_A_NAME),)),
        ("This is a CNAME list", (Skip(Reason.NOT_A_NAME),)),
        ("Not a (list)", (Skip(Reason.NOT_A_NAME),)),
        (r"(^|\.)ads?\.example$", (Skip(Reason.BARE_REGEX),)),
        (r"^stat[0-9]+\.", (Skip(Reason.BARE_REGEX),)),
        (r"pixel[0-9]\.a\.example$", (Skip(Reason.BARE_REGEX),)),
        ("two words", (Skip(Reason.NOT_A_NAME),)),
        ("<html>", (Skip(Reason.NOT_A_NAME),)),
        ("a\0b.example", (Skip(Reason.NOT_A_NAME),)),
        ("x" * 300 + ".example", (Skip(Reason.NOT_A_NAME),)),
    ],
)  # fmt: skip
def test_each_line_chooses_its_syntax(line: str, outcome: Outcome | None) -> None:
    assert parsed(line) == (parsed(line, "adblock") if outcome is None else outcome)


@pytest.mark.parametrize("syntax", ["auto", "domains"])
def test_subdomains_is_about_bare_names(syntax: str) -> None:
    parse = auto.parser(syntax, subdomains=True)
    assert parse is not None
    assert parse("a.example") == parse("A.example # x") == TREE
    assert parse("*.a.example") == WILDCARD


def test_subdomains_leaves_other_lines_as_they_are() -> None:
    parse = auto.parser("auto", subdomains=True)
    assert parse is not None
    assert parse("0.0.0.0 a.example") == EXACT
    assert parse("a.example CNAME .") == said(Nxdomain(), "", " CNAME .")


def test_an_unknown_syntax_has_no_parser() -> None:
    assert auto.parser("yaml") is None


MIXED = """\
[Adblock Plus 2.0]
0.0.0.0 one.test
$TTL 2h ; x
$ORIGIN rpz.test.
@ SOA ns. admin. ( 1
  2 3
  4 5 )
||two.test^
  NS ns.
three.test CNAME .
  four.test
  TXT x
five.test.rpz.test. A 192.0.2.1
address=/six.test/
@@||seven.test^
*.eight.test
  *.nine.test CNAME .
ten.test
"""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_of_all_syntaxes(end: str, encoding: str) -> None:
    data = MIXED.replace("\n", end) + "\0" * 9 + end + "x" * 200_000 + end + "bü.test" + end
    parse = auto.parser("auto")
    assert parse is not None
    read = list(lines(io.BytesIO(data.encode(encoding)), indent=True))
    names = []
    for line in read:
        for found in () if isinstance(line, TooLong) else parse(line):
            assert isinstance(found, Rule) or found == Skip(Reason.NOT_A_NAME)
            names.append(found.name if isinstance(found, Rule) else "-")
    assert sum(isinstance(line, TooLong) for line in read) == 1
    words = "one two three four three five six seven eight nine ten"
    assert names == [*[f"{word}.test" for word in words.split()], "-", "xn--b-eha.test"]


def test_parsers_share_nothing() -> None:
    first, second = auto.parser("auto"), auto.parser("auto")
    assert first is not None
    assert second is not None
    assert first("$ORIGIN rpz.test.") == first("@ SOA ns. admin. (") == ()
    assert second("a.example.rpz.test. CNAME .") != said(Nxdomain(), "", " CNAME .")
    assert first("1 2 3 4 5 )") == ()
    assert first("a.example.rpz.test. CNAME .") == said(Nxdomain(), "", " CNAME .")


def test_long_lines_are_no_work() -> None:
    started = time.process_time()
    for piece in ("a", "a.", "1 ", "(", "*.", "||", " A 1", '"', "\\", "ü.", " #", "IN 1h ", "1h"):
        for syntax in auto.SYNTAXES:
            for before in ("", "a.example ", "a.example TXT ", "address=/", "||"):
                parsed((before + piece * 65_536)[:65_536], syntax)
    assert time.process_time() - started < 20


@pytest.mark.parametrize("before", ["a.example A", "a.example AAAA", "a.example 60 IN A (", " A", "a.example CNAME"])
def test_blanks_inside_a_line_are_no_work(before: str) -> None:
    started = time.process_time()
    parsed(f"{before}{' ' * 32_000}{chr(0x3000) * 32_000}x", "auto")
    assert time.process_time() - started < 0.5


PIECES = [
    *("0.0.0.0", "127.0.0.1", "::1", "192.0.2.1", "a.example", "*.a.example", "localhost", "bücher.example", "💩"),
    *("||", "@@", "^", "|", "$", "important", "/", "//", "*", "#", "##", "#@#", "!", "[", "]", "[$", "\0", "\ufeff"),
    *(" ", "\t", ".", "\\", "address=/", "CNAME", "rpz-passthru.", "\ud800", "\ufffd", "a" * 300, "$ORIGIN", "(", ")"),
    *(" A 192.0.2.1", " TXT ", '"', ";", "@", "rpz-ip", " SOA ", "IN", "=", "server", "%", "$dnsrewrite=", "$client="),
]
LINES = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=6).map("".join))


@pytest.mark.parametrize("syntax", auto.SYNTAXES)
@given(text=st.lists(LINES, max_size=6))
def test_no_lines_make_a_parser_raise(syntax: str, text: list[str]) -> None:
    parse = auto.parser(syntax)
    assert parse is not None
    for line in text:
        for found in parse(line):
            assert isinstance(found, Rule | Pattern | Network | Cancel | Skip)
            if isinstance(found, Rule):
                assert normal(found.name) == found.name
