"""Facts, the finding that they lead to, and its sentence: at least one for every kind."""

from __future__ import annotations

from msgspec.structs import replace

from resolver.diagnosis import findings as f
from resolver.diagnosis.facts import Decided, Facts, Network, Portal, Role, Route, Said, Trouble
from tests.diagnosis.telling import (
    ALSO,
    LULL,
    ONE,
    ONLINE,
    OTHER,
    SITE,
    TWO,
    answer,
    facts,
    fails,
    own,
    refused,
    silent,
    upstream,
    works,
    wrong,
)

V6 = "2001:db8::80"
SERVFAIL = answer(rcode=2)
NXDOMAIN = answer(rcode=3)
DEAD = (upstream(silent()), upstream(silent(), TWO))
EXPIRED = wrong(SITE, Trouble.EXPIRED, "its certificate has expired")
CASES: dict[str, tuple[Facts, f.Finding, str]] = {
    "speechless": (
        facts(own=own(silent("no answer in 6.5 seconds")), decided=Decided("block", "ads: x")),
        f.Speechless(LULL, "no answer in 6.5 seconds"),
        "Lull itself does not answer at 127.0.0.1:53: no answer in 6.5 seconds.",
    ),
    "not admitted": (
        facts(admitted=False, whom="203.0.113.9"),
        f.NotAdmitted("203.0.113.9"),
        "Lull refuses 203.0.113.9: it is not among those who may ask.",
    ),
    "blocked": (
        facts(decided=Decided("block", "ads: ||example^", command="lull allow www.example")),
        f.Blocked("ads: ||example^", "", "lull allow www.example"),
        "www.example is blocked by ads: ||example^.",
    ),
    "blocked by an alias": (
        facts(decided=Decided("block", "ads: ||t.example^", "t.example", "lull allow t.example")),
        f.Blocked("ads: ||t.example^", "t.example", "lull allow t.example"),
        "www.example is an alias of t.example, which is blocked by ads: ||t.example^.",
    ),
    "blocked by what policy was not told of": (
        facts(own=own(answer("0.0.0.0", ede=(15, "ads: ||t.example^")))),
        f.Blocked("ads: ||t.example^", "", "lull allow www.example"),
        "www.example is blocked by ads: ||t.example^.",
    ),
    "local": (
        facts(decided=Decided("rewrite", "records: www.example A 192.0.2.7"), own=own(answer("192.0.2.7"))),
        f.Local("records: www.example A 192.0.2.7", ""),
        "Lull answers www.example itself, by records: www.example A 192.0.2.7.",
    ),
    "rebinding": (
        facts(
            own=own(answer(rcode=5, ede=(15, "rebinding: 192.168.1.1"))),
            upstreams=(upstream(answer("192.168.1.1")),),
            reached=fails("192.168.1.1"),
        ),
        f.Rebinding("192.168.1.1"),
        "www.example is a public name with an address of this house, 192.168.1.1: Lull refuses such answers.",
    ),
    "offline without a route": (
        facts(own=own(SERVFAIL), upstreams=DEAD, reached=(), network=Network()),
        f.Offline(),
        "You are offline: there is no route to the Internet.",
    ),
    "offline behind a resolver of this machine": (
        facts(own=own(SERVFAIL), upstreams=(upstream(SERVFAIL, sound=False),), reached=(), network=Network()),
        f.Offline(),
        "You are offline: there is no route to the Internet.",
    ),
    "offline by the router": (
        facts(
            own=own(answer(SITE, ede=(3, ""))),
            upstreams=DEAD,
            reached=(),
            network=Network(Route("eth0", "192.0.2.1"), None, gateway_heard=False),
        ),
        f.Offline("192.0.2.1", stale=True),
        "You are offline: the router 192.0.2.1 is silent. Lull gives its old answer meanwhile.",
    ),
    "captive": (
        facts(network=replace(ONLINE, portal=Portal(captive=True, where="http://portal.example/"))),
        f.Captive("http://portal.example/"),
        "You are behind a portal that answers in place of everybody (http://portal.example/).",
    ),
    "wrong clock": (
        facts(
            own=own(SERVFAIL),
            upstreams=(
                upstream(
                    replace(refused("its certificate has expired"), untimely=True), "tls://192.0.2.53", authentic=True
                ),
                upstream(silent(), TWO),
            ),
            reached=(),
        ),
        f.WrongClock("tls://192.0.2.53", "its certificate has expired"),
        "The clock of this machine is wrong, or tls://192.0.2.53 is: its certificate has expired, and so of every "
        "encrypted upstream.",
    ),
    "stale": (
        facts(own=own(answer(SITE, ede=(3, ""))), upstreams=(upstream(refused()),), reached=()),
        f.Stale(ONE, "Connection refused", online=True),
        "No upstream answers (udp://192.0.2.53: Connection refused), so that Lull gives its old answer to www.example. "
        "The network is up.",
    ),
    "the only upstream is down": (
        facts(own=own(SERVFAIL), upstreams=(upstream(refused()),), reached=()),
        f.UpstreamsDown(ONE, "Connection refused", 1, online=True),
        "Upstream udp://192.0.2.53 fails: Connection refused. The network is up.",
    ),
    "all upstreams are down, or the line": (
        facts(own=own(SERVFAIL), upstreams=DEAD, reached=()),
        f.UpstreamsDown(ONE, "no answer in 5 seconds", 2, online=False),
        "All 2 upstreams fail; udp://192.0.2.53: no answer in 5 seconds. Nothing else was heard of either: the line "
        "may be down.",
    ),
    "all upstreams are down, others not": (
        facts(own=own(SERVFAIL), upstreams=DEAD, others=(Said(ALSO, Role.ALSO, answer(SITE)),)),
        f.UpstreamsDown(ONE, "no answer in 5 seconds", 2, online=True, others=ALSO),
        "All 2 upstreams fail; udp://192.0.2.53: no answer in 5 seconds; but udp://203.0.113.53 answers.",
    ),
    "one transport is swallowed": (
        facts(
            own=own(SERVFAIL),
            upstreams=(upstream(silent()),),
            others=(Said("tcp://192.0.2.53", Role.TRANSPORT, answer(SITE)),),
        ),
        f.UpstreamsDown(ONE, "no answer in 5 seconds", 1, True, "tcp://192.0.2.53", other_transport=True),
        "Upstream udp://192.0.2.53 fails: no answer in 5 seconds; but tcp://192.0.2.53 answers: something on the way "
        "swallows the other transport.",
    ),
    "an upstream that answers nothing at all": (
        facts(own=own(SERVFAIL), upstreams=(upstream(SERVFAIL, sound=False),), reached=()),
        f.UpstreamsDown(ONE, "it says SERVFAIL, whatever it is asked", 1, online=True),
        "Upstream udp://192.0.2.53 fails: it says SERVFAIL, whatever it is asked. The network is up.",
    ),
    "an upstream lies, as certificates show": (
        facts(
            own=own(answer(OTHER)),
            upstreams=(upstream(answer(OTHER)), upstream(answer(SITE), TWO)),
            reached=(*works(), wrong(OTHER)),
        ),
        f.UpstreamLies(ONE, f"it is at {OTHER}", f"it is at {SITE}", shown=True, blocks=False),
        "Upstream udp://192.0.2.53 is wrong about www.example: it says that it is at 198.51.100.80, but it is at "
        "192.0.2.80, which its certificate shows.",
    ),
    "an upstream blocks": (
        facts(upstreams=(upstream(answer("0.0.0.0")), upstream(answer(SITE), TWO))),
        f.UpstreamLies(ONE, "it is at 0.0.0.0, which is nowhere", f"it is at {SITE}", shown=True, blocks=True),
        "Upstream udp://192.0.2.53 blocks www.example: it says that it is at 0.0.0.0, which is nowhere, but it is at "
        "192.0.2.80, which its certificate shows.",
    ),
    "two against one, and no machine to show": (
        facts(
            own=own(NXDOMAIN),
            upstreams=(upstream(NXDOMAIN), upstream(answer(SITE), TWO), upstream(answer(SITE), ALSO)),
            reached=fails(),
        ),
        f.UpstreamLies(ONE, "it does not exist", f"it is at {SITE}", shown=False, blocks=False),
        "Upstream udp://192.0.2.53 is wrong about www.example: it says that it does not exist, but it is at "
        "192.0.2.80, as others say.",
    ),
    "every upstream blocks": (
        facts(own=own(NXDOMAIN), upstreams=(upstream(answer(rcode=3, ede=(16, "by court order"))),), reached=()),
        f.UpstreamsBlock(ONE, "by court order"),
        "www.example is blocked by the upstream udp://192.0.2.53: by court order.",
    ),
    "they disagree": (
        facts(upstreams=(upstream(NXDOMAIN), upstream(answer(SITE), TWO)), reached=fails()),
        f.Disagreement(ONE, "it does not exist", TWO, f"it is at {SITE}"),
        "Resolvers disagree about www.example: udp://192.0.2.53 says that it does not exist, udp://198.51.100.53 that "
        "it is at 192.0.2.80.",
    ),
    "out of date": (
        facts(own=own(answer(OTHER)), reached=(*works(), *fails(OTHER))),
        f.Outdated(f"it is at {OTHER}", f"it is at {SITE}"),
        "Lull still says of www.example that it is at 198.51.100.80; upstreams now say that it is at 192.0.2.80.",
    ),
    "no such name": (
        facts(own=own(NXDOMAIN), upstreams=(upstream(NXDOMAIN), upstream(NXDOMAIN, TWO)), reached=()),
        f.NoName(),
        "www.example does not exist, as every resolver says: is it spelled right?",
    ),
    "no address": (
        facts(own=own(answer()), upstreams=(upstream(answer()),), reached=()),
        f.NoAddress(),
        "www.example exists, and has no address: there is no site at it.",
    ),
    "a broken zone": (
        facts(
            own=own(SERVFAIL), upstreams=(upstream(answer(rcode=2, ede=(7, ""))), upstream(SERVFAIL, TWO)), reached=()
        ),
        f.ZoneBroken("DNSSEC: a signature has expired"),
        "www.example cannot be found by anybody: its own name servers are at fault (DNSSEC: a signature has expired).",
    ),
    "an expired certificate": (
        facts(reached=(EXPIRED, *works()[1:])),
        f.Certificate(EXPIRED, alone=False),
        "The site is at fault: 192.0.2.80 answers for www.example, and its certificate has expired.",
    ),
    "only IPv6": (
        facts(
            own=own(answer(V6)),
            upstreams=(upstream(answer(V6)),),
            reached=fails(V6, Trouble.UNREACHABLE, "network is unreachable"),
            network=replace(ONLINE, v6=None),
        ),
        f.OnlyV6(),
        "www.example has IPv6 addresses alone, and there is no way to them from here.",
    ),
    "the site is down": (
        facts(reached=fails()),
        f.SiteDown(fails()),
        "The site is down: www.example is at 192.0.2.80, where ports 443 and 80 do not answer (nothing came in 4 "
        "seconds).",
    ),
    "one upstream fails": (
        facts(upstreams=(upstream(refused()), upstream(answer(SITE), TWO))),
        f.UpstreamFails(ONE, "Connection refused"),
        "Upstream udp://192.0.2.53 fails: Connection refused. The others answer, and www.example is fine.",
    ),
    "half of it is down": (
        facts(upstreams=(upstream(answer(SITE, V6)),), reached=(*works(), *fails(V6))),
        f.HalfDown(SITE, fails(V6)[0]),
        "www.example answers at 192.0.2.80 and not at 2001:db8::80 (nothing came in 4 seconds): devices wait that try "
        "it first.",
    ),
    "fine": (
        facts(whom="tablet"),
        f.Fine(SITE),
        "The answer is fine: www.example is found, and 192.0.2.80 answers. Look at tablet: does it ask Lull at all?",
    ),
}
