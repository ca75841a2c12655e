"""Generated rules of all kinds, over few names, so that they meet; and clients."""

import msgspec
from hypothesis import strategies as st

from resolver.model import Client, Drop, Nodata, NullAddress, Nxdomain
from resolver.rules.rule import Action, Cancel, Datum, Form, Network, Options, Pattern, Rule
from tests.rules.sets import AAAA, CNAME, A, Listed

LABELS = st.sampled_from(["a", "b", "ab", "_", "example"])
NAMES = st.lists(LABELS, min_size=1, max_size=4).map(".".join)
REGEXES = st.sampled_from(["a", "^a", r"b\.", r"(^|\.)a\.", "example$", "^[^.]*$", "a.*b", "_|ab", r"\?", "x", ""])
NETWORKS = st.sampled_from(
    [
        "0.0.0.0/0",
        "192.0.0.0/16",
        "192.0.2.0/24",
        "192.0.2.0/31",
        "192.0.2.1/32",
        "::/0",
        "2001:db8::/32",
        "2001:db8::1/128",
    ]
)
ADDRESSES = st.sampled_from(["192.0.2.0", "192.0.2.1", "192.0.3.1", "203.0.113.9", "2001:db8::1", "2001:db8::2", "::1"])
TEXTS = ["192.0.2.1/32", "192.0.2.0/24", "0.0.0.0/0", "2001:db8::/32", "02:00:00:00:00:01", "tv", "anna's phone"]
PEOPLE = st.lists(st.sampled_from(TEXTS), max_size=2)
TAGS = st.lists(st.sampled_from(["device_tv", "user_child"]), max_size=1)
TYPES = st.lists(st.sampled_from([A, AAAA, CNAME]), max_size=2)
DATA = [Datum(A, b"\xc0\0\2\1"), Datum(A, b"\xc0\0\2\2"), Datum(CNAME, b"\1x\0")]
SAYINGS = st.sampled_from([None, None, NullAddress(), Nxdomain(), Nodata(), Drop(), *DATA, *DATA])
CONDITIONS = st.builds(
    Options,
    types=TYPES.map(tuple),
    not_types=TYPES.map(tuple),
    denyallow=st.lists(NAMES, max_size=2).map(tuple),
    clients=PEOPLE.map(tuple),
    not_clients=PEOPLE.map(tuple),
    tags=TAGS.map(tuple),
    not_tags=TAGS.map(tuple),
    says=SAYINGS,
    frame=st.sampled_from([("", ""), ("||", "^$x"), ("", " CNAME .")]),
)
SAYING = st.builds(Options, says=SAYINGS)
CONDITION = st.one_of(
    st.builds(Options, types=TYPES.map(tuple)),
    st.builds(Options, not_types=TYPES.map(tuple)),
    st.builds(Options, denyallow=st.lists(st.sampled_from(["a.example", "b.a.example"]), max_size=2).map(tuple)),
    st.builds(Options, clients=PEOPLE.map(tuple)),
    st.builds(Options, not_clients=PEOPLE.map(tuple)),
    st.builds(Options, tags=TAGS.map(tuple), not_tags=TAGS.map(tuple)),
)
OPTIONS = st.none() | SAYING | CONDITIONS
WRITTEN = [action for action in Action if action is not Action.TRUST]
ACTIONS = st.sampled_from([*WRITTEN, Action.BLOCK, Action.REWRITE, Action.EXCEPT, Action.EXEMPT])
ABOUT_NAMES = st.builds(Rule, NAMES, ACTIONS, st.sampled_from(Form), OPTIONS)
PATTERNS = st.builds(lambda regex, *rest: Pattern(regex, rest[0], f"/{regex}/", rest[1]), REGEXES, ACTIONS, OPTIONS)
ABOUT_NETWORKS = st.builds(
    Network,
    NETWORKS,
    ACTIONS,
    st.sampled_from(["||192.0.2.1^", "32.1.2.0.192.rpz-ip", "2001:DB8::1", "192.0.2.0/24"]),
    OPTIONS,
)
BLOCK_OR_ALLOW = st.sampled_from([Action.BLOCK, Action.ALLOW])
CLOSE_NAMES = st.sampled_from(["a.example", "example"])
CLOSE = st.one_of(
    st.builds(Rule, CLOSE_NAMES, ACTIONS, st.sampled_from(Form), SAYING),
    st.builds(
        lambda regex, action, options: Pattern(regex, action, f"/{regex}/", options),
        st.sampled_from(["^a", "example$", r"\?"]),
        ACTIONS,
        SAYING,
    ),
)
CLIENTS = st.builds(
    Client,
    address=st.sampled_from(["", "192.0.2.1", "192.0.2.9", "203.0.113.1", "2001:db8::7", "::9"]),
    group=st.just("default"),
    device=st.sampled_from(["", "TV", "Anna's phone"]),
    mac=st.sampled_from(["", "02:00:00:00:00:01"]),
    tags=TAGS.map(tuple),
)
ODD = st.lists(
    st.text("ab.\\ \0é!", min_size=1, max_size=3) | st.sampled_from(["a", "example"]), min_size=1, max_size=4
)


def of_lists(kinds: st.SearchStrategy[Rule | Pattern | Network]) -> st.SearchStrategy[list[Listed]]:
    """Rules of four lists, the last of which allows. Some are cancelled, by their list or another; so are some that are
    in none."""

    def listed(rules: list[tuple[int, Rule | Pattern | Network]], cancels: list[tuple[int, int, bool]]) -> list[Listed]:
        found = [Listed(source, rule, source == 3) for source, rule in rules]
        for source, place, there in cancels:
            if place < len(rules):
                found.append(Listed(source, Cancel(rewritten(rules[place][1])), source == 3))
                if not there:
                    found = [one for one in found if one.rule != rules[place][1]]
        return found

    rules = st.lists(st.tuples(st.integers(0, 3), kinds), max_size=20)
    cancels = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.booleans()), max_size=2)
    return st.builds(listed, rules, cancels).flatmap(st.permutations)


def rewritten(rule: Rule | Pattern | Network) -> Rule | Pattern | Network:
    """The same rule, written otherwise."""
    return rule if isinstance(rule, Rule) else msgspec.structs.replace(rule, text=f"{rule.text} again")
