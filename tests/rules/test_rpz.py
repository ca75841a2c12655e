"""Response policy zones, as zone-file text."""

import ipaddress

import dns.rdatatype
import dns.zone
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.model import Drop, Nodata, Nxdomain, Type
from resolver.rules.rpz import MOST_LINES, MOST_WORDS, Zone
from resolver.rules.rule import Action, Datum, Form, Found, Network, Options, Pattern, Reason, Rule, Saying, Skip
from resolver.wire import name as names


def read(text: str) -> list[Found]:
    zone = Zone()
    return [found for line in text.splitlines() for found in zone(line)]


def rule(name: str, says: Saying | None, shown: str, action: Action = Action.BLOCK) -> Rule:
    """A rule of one name, or of what is below it if it is shown with `*.`."""
    form = Form.SUBDOMAINS if shown.startswith("*.") else Form.EXACT
    before, after = shown.split(name, 1)
    return Rule(name, action, form, Options(says=says, frame=(before, after)))


def cname(target: str) -> Datum:
    return Datum(int(Type.CNAME), names.from_text(target))


GARDEN = cname("b.example")
A = Datum(1, bytes((192, 0, 2, 1)))


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("a.example CNAME .", rule("a.example", Nxdomain(), "a.example CNAME .")),
        ("*.a.example CNAME .", rule("a.example", Nxdomain(), "*.a.example CNAME .")),
        ("a.example CNAME *.", rule("a.example", Nodata(), "a.example CNAME *.")),
        ("a.example CNAME rpz-drop.", rule("a.example", Drop(), "a.example CNAME rpz-drop.")),
        (
            "a.example CNAME rpz-passthru.",
            rule("a.example", None, "a.example CNAME rpz-passthru.", Action.EXEMPT),
        ),
        ("a.example CNAME a.example.", rule("a.example", None, "a.example CNAME a.example.", Action.EXEMPT)),
        ("a.example A 192.0.2.1", rule("a.example", A, "a.example A 192.0.2.1")),
        ("*.a.example A 192.0.2.1", rule("a.example", A, "*.a.example A 192.0.2.1")),
        ("a.example CNAME b.example.", rule("a.example", GARDEN, "a.example CNAME b.example.")),
        ('a.example TXT "b;c (" d', rule("a.example", Datum(16, b"\5b;c (\1d"), 'a.example TXT "b;c (" d')),
        ("A.Example. 300 IN CNAME . ; x", rule("a.example", Nxdomain(), "a.example CNAME .")),
        ("a.example in 1w2d cname .;x", rule("a.example", Nxdomain(), "a.example CNAME .")),
        ("a.example\tIN\tA\t192.0.2.1", rule("a.example", A, "a.example A 192.0.2.1")),
        ("a.example ( 60 A 192.0.2.1 )", rule("a.example", A, "a.example A 192.0.2.1")),
        ("bücher.example CNAME .", rule("xn--bcher-kva.example", Nxdomain(), "xn--bcher-kva.example CNAME .")),
        ("zip CNAME .", rule("zip", Nxdomain(), "zip CNAME .")),
    ],
)
def test_records_say_what_is_answered(line: str, found: Rule) -> None:
    assert read(line) == [found]


@pytest.mark.parametrize(
    ("line", "network", "action", "says"),
    [
        ("32.1.2.0.192.rpz-ip CNAME .", "192.0.2.1/32", Action.BLOCK, Nxdomain()),
        ("24.0.2.0.192.rpz-ip CNAME *.", "192.0.2.0/24", Action.BLOCK, Nodata()),
        ("128.1.zz.db8.2001.rpz-ip CNAME rpz-drop.", "2001:db8::1/128", Action.BLOCK, Drop()),
        ("32.zz.db8.2001.rpz-ip CNAME rpz-passthru.", "2001:db8::/32", Action.EXEMPT, None),
        ("128.1.zz.rpz-ip A 192.0.2.1", "::1/128", Action.BLOCK, A),
        ("128.8.7.6.5.4.3.2.1.rpz-ip CNAME .", "1:2:3:4:5:6:7:8/128", Action.BLOCK, Nxdomain()),
        ("32.1.2.0.192.rpz-ip CNAME 32.1.2.0.192.", "192.0.2.1/32", Action.EXEMPT, None),
    ],
)
def test_addresses_of_answers_trigger(line: str, network: str, action: Action, says: Saying | None) -> None:
    assert read(line) == [Network(network, action, line, Options(says=says))]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a.example CNAME rpz-tcp-only.", Reason.RPZ),
        ("a.example", Reason.RPZ),
        ("a.example NS b.example.", Reason.RPZ),
        ("a.example CH A 192.0.2.1", Reason.RPZ),
        ('a.example TXT "x', Reason.RPZ),
        ("a.example A 192.0.2.1 )", Reason.RPZ),
        ("a.example TXT x\\", Reason.RPZ),
        ("$INCLUDE other.zone", Reason.RPZ),
        ("$GENERATE 1-9 a$ CNAME .", Reason.RPZ),
        ("$ORIGIN", Reason.RPZ),
        ("$ORIGIN a..b.", Reason.RPZ),
        ("a b.example CNAME .", Reason.RPZ),
        (" CNAME .", Reason.RPZ),
        ("a..example CNAME .", Reason.NOT_A_NAME),
        ("*.*.example CNAME .", Reason.NOT_A_NAME),
        ("a\0.example CNAME .", Reason.NOT_A_NAME),
        ("x" * 300 + ".example CNAME .", Reason.NOT_A_NAME),
        ("192.0.2.1 CNAME .", Reason.ADDRESS),
        ("32.1.2.0.192.rpz-client-ip CNAME .", Reason.TRIGGER),
        ("ns.example.rpz-nsdname CNAME .", Reason.TRIGGER),
        ("*.ns.example.rpz-nsdname CNAME .", Reason.TRIGGER),
        ("rpz-ip CNAME .", Reason.RPZ),
        ("*.rpz-ip CNAME .", Reason.RPZ),
        ("33.1.2.0.192.rpz-ip CNAME .", Reason.RPZ),
        ("128.1.zz.zz.2001.rpz-ip CNAME .", Reason.RPZ),
        ("64.zz.g.rpz-ip CNAME .", Reason.RPZ),
        ("0.0.0.0.0.rpz-ip CNAME .", Reason.TOO_BROAD),
    ],
)
def test_the_rest_is_skipped_with_a_reason(line: str, reason: Reason) -> None:
    assert read(line) == [Skip(reason)]


@pytest.mark.parametrize(
    "line",
    ["", "; x", " ; x", "# x", "$TTL 1h", "$TTL 2h;", "@ NS a.", "@ SOA a. b. 1 2 3 4 5", "a.example RRSIG CNAME 8 2"],
)
def test_what_a_zone_holds_for_itself_says_nothing(line: str) -> None:
    assert read(line) == []


def test_a_star_alone_is_every_name() -> None:
    (found,) = read("$ORIGIN rpz.example.\n* CNAME .")
    assert found == Pattern("", Action.BLOCK, "* CNAME .", Options(says=Nxdomain()), everything=True)


ZONE = """\
$TTL 2h;
$ORIGIN rpz.example.
@ IN SOA ns.rpz.example. admin.rpz.example. (
      2024010101 ; serial (of this version
 1h 10m
 1w
 300 )
 IN NS ns.rpz.example.
relative.test CNAME .
absolute.test.RPZ.example. 300 CNAME .
  A 192.0.2.1
 TXT (
 "one ;("
 two )

; x
 300 IN CNAME rpz-passthru.
outside.test. CNAME .
rpz.example. TXT apex
$ORIGIN com.rpz.example.
sub CNAME garden
$ORIGIN org
*.below CNAME @
@ CNAME .
    indented.test.rpz.example. CNAME .
"""


def test_a_whole_zone() -> None:
    garden = rule("sub.com", cname("garden.com.rpz.example"), "sub.com CNAME garden.com.rpz.example.")
    assert read(ZONE) == [
        rule("relative.test", Nxdomain(), "relative.test CNAME ."),
        rule("absolute.test", Nxdomain(), "absolute.test CNAME ."),
        rule("absolute.test", A, "absolute.test A 192.0.2.1"),
        rule("absolute.test", Datum(16, b"\6one ;(\3two"), 'absolute.test TXT "one ;(" two'),
        rule("absolute.test", None, "absolute.test CNAME rpz-passthru.", Action.EXEMPT),
        Skip(Reason.RPZ),
        Skip(Reason.RPZ),
        garden,
        rule("below.org.com", cname("org.com.rpz.example"), "*.below.org.com CNAME org.com.rpz.example."),
        rule("org.com", Nxdomain(), "org.com CNAME ."),
        rule("indented.test", Nxdomain(), "indented.test CNAME ."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "$ORIGIN rpz.example.\na.test CNAME .",
        "rpz.example. 60 IN SOA a. b. 1 2 3 4 5\na.test.rpz.example. 60 IN CNAME .",
        "rpz.example. SOA a. b. 1 2 3 4 5\na.test CNAME .",
        "$ORIGIN example.\nrpz SOA a. b. 1 2 3 4 5\n$ORIGIN rpz.example.\na.test CNAME .",
        "$ORIGIN .\nrpz.example SOA a. b. 1 2 3 4 5\n$ORIGIN test.rpz.example.\na CNAME .",
        "@ SOA localhost. root.localhost. 1 2 3 4 5\n NS localhost.\na.test CNAME .",
        "$ORIGIN old.example.\n@ SOA a. b. 1 2 3 4 5\n$ORIGIN new.example.\n@ SOA a. b. 1 2 3 4 5\na.test CNAME .",
    ],
)
def test_the_name_of_the_zone_is_no_part_of_triggers(text: str) -> None:
    assert read(text) == [rule("a.test", Nxdomain(), "a.test CNAME .")]


def test_a_parenthesis_that_stays_open_costs_its_lines() -> None:
    after = rule("b.test", Nxdomain(), "b.test CNAME .")
    found = read("a.test TXT (\n" + "x\n" * (MOST_LINES - 1) + "b.test CNAME .")
    assert found == [*[Skip(Reason.RPZ)] * MOST_LINES, after]
    assert read("a.test TXT ( " + "x " * MOST_WORDS + "\nb.test CNAME .") == [Skip(Reason.RPZ), after]


@settings(max_examples=50)
@given(st.lists(st.one_of(st.text(), st.text('a.*@$;()" \\1', max_size=20), st.sampled_from(ZONE.splitlines()))))
def test_no_sequence_of_lines_makes_a_reader_raise(lines: list[str]) -> None:
    zone = Zone()
    for line in lines:
        for found in zone(line):
            assert isinstance(found, Rule | Pattern | Network | Skip)


LABELS = st.lists(st.sampled_from(["a", "b-c", "_d", "77", "xn--e", "f" * 63]), min_size=1, max_size=3).map(".".join)
OWNERS = st.tuples(st.sampled_from(["", "*."]), LABELS).map(lambda parts: f"{parts[0]}{parts[1]}.test")
TARGETS = st.tuples(LABELS, st.sampled_from([".test", "."])).map("".join)
TEXTS = st.text("aZ ;()$@.é", max_size=20)
RECORDS = st.one_of(
    TARGETS.map("CNAME {}".format),
    st.ip_addresses(v=4).map("A {}".format),
    st.ip_addresses(v=6).map("AAAA {}".format),
    st.lists(TEXTS.map('"{}"'.format), min_size=1, max_size=3).map(lambda texts: f"TXT ( {'  '.join(texts)} )"),
    st.tuples(st.integers(0, 65535), TARGETS).map(lambda mx: f"MX {mx[0]} {mx[1]}"),
)


@settings(max_examples=50)
@given(st.dictionaries(OWNERS, RECORDS, min_size=1), st.sampled_from(["", " 300", " IN 1h", " 2d IN"]))
def test_another_reader_of_zones_agrees(records: dict[str, str], middle: str) -> None:
    text = "$ORIGIN rpz.example.\n@ 60 IN SOA a. b. 1 2 3 4 5\n@ 60 NS a.\n"
    text += "".join(f"{owner}{middle} {record}\n" for owner, record in records.items())
    theirs = set()
    zone = dns.zone.from_text("$TTL 1\n" + text, relativize=False)
    for name, _, rdata in zone.iterate_rdatas():
        if rdata.rdtype not in (dns.rdatatype.SOA, dns.rdatatype.NS):
            theirs.add((name.to_text().removesuffix(".rpz.example."), int(rdata.rdtype), rdata.to_wire() or b""))
    ours = set()
    for found in read(text):
        assert isinstance(found, Rule)
        assert found.options is not None
        assert isinstance(found.options.says, Datum)
        owner = ("*." if found.form is Form.SUBDOMAINS else "") + found.name
        ours.add((owner, found.options.says.type, found.options.says.rdata))
    assert ours == theirs


@given(st.ip_addresses(v=6), st.integers(1, 128))
def test_networks_come_back(address: ipaddress.IPv6Address, length: int) -> None:
    network = ipaddress.ip_network((address, length), strict=False)
    text = str(network.network_address)
    if "." in text:
        text = network.network_address.exploded
    groups = text.replace("::", ":zz:").strip(":").split(":")
    (found,) = read(f"{length}.{'.'.join(reversed(groups))}.rpz-ip CNAME .")
    assert isinstance(found, Network)
    assert found.network == str(network)
