"""A finding in one sentence for a person, and what mends it."""

from __future__ import annotations

import shlex
from typing import assert_never

import msgspec

from resolver.diagnosis import findings as f
from resolver.diagnosis.facts import Facts, Reached
from resolver.diagnosis.own import allow
from resolver.diagnosis.words import listed
from resolver.paths import PRODUCT

_LULL = PRODUCT.capitalize()
_ASK_ALSO = "quad9"  # over TLS: nobody on the way can answer in its place


class Sentence(msgspec.Struct, frozen=True):
    """What is the matter; what to do about it, in words that end with the command if there is one; and the command
    alone."""

    text: str
    advice: str = ""
    command: str = ""


def sentence(finding: f.Finding, facts: Facts) -> Sentence:
    """What a finding means to a person."""
    name = facts.name
    match finding:
        case f.Fine() | f.HalfDown() | f.OnlyV6() | f.SiteDown() | f.Certificate():
            return _site(finding, facts)
        case f.Offline() | f.Captive() | f.WrongClock() | f.Stale() | f.UpstreamsDown():
            return _network(finding, name)
        case f.UpstreamLies() | f.UpstreamsBlock() | f.Disagreement() | f.UpstreamFails() | f.Outdated():
            return _resolvers(finding, name)
        case f.Speechless(server, reason):
            text = f"{_LULL} itself does not answer at {server}: {reason}."
            return _with(text, "what it is doing", f"{PRODUCT} status")
        case f.NotAdmitted(whom):
            text = f"{_LULL} refuses {whom}: it is not among those who may ask."
            return Sentence(text, "to let it ask: dns.allow in the config")
        case f.Blocked(rule, via, command):
            about = f"{name} is blocked" if not via else f"{name} is an alias of {via}, which is blocked"
            return _with(f"{about} by {rule}.", "to allow it", command)
        case f.Local(rule, command):
            return _with(f"{_LULL} answers {name} itself, by {rule}.", "to change that", command)
        case f.Rebinding(address):
            text = f"{name} is a public name with an address of this house, {address}: {_LULL} refuses such answers."
            return _with(text, "if you trust it", allow(name))
        case f.ZoneBroken(reason):
            text = f"{name} cannot be found by anybody: its own name servers are at fault"
            return Sentence(f"{text} ({reason})." if reason else f"{text}.", "only those who run it can mend that")
        case f.NoName():
            return Sentence(f"{name} does not exist, as every resolver says: is it spelled right?")
        case f.NoAddress():
            return Sentence(f"{name} exists, and has no address: there is no site at it.")
        case unknown:
            assert_never(unknown)


def beside(finding: f.UpstreamFails | f.UpstreamLies, facts: Facts) -> str:
    """The same for what is the matter besides."""
    if isinstance(finding, f.UpstreamFails):
        return f"Upstream {finding.server} fails: {finding.reason}."
    return _resolvers(finding, facts.name).text


def _site(finding: f.Fine | f.HalfDown | f.OnlyV6 | f.SiteDown | f.Certificate, facts: Facts) -> Sentence:
    name = facts.name
    match finding:
        case f.Fine(address):
            works = f", and {address} answers" if address else ""
            who = facts.whom or "the device"
            text = f"The answer is fine: {name} is found{works}. Look at {who}: does it ask {_LULL} at all?"
            of = f" --client {shlex.quote(facts.whom)}" if facts.whom else ""
            return _with(text, "what it asked", f"{PRODUCT} log --name {shlex.quote(name)}{of}")
        case f.HalfDown(up, down):
            text = f"{name} answers at {up} and not at {down.address} ({down.reason}): devices wait that try it first."
            return Sentence(text, "the DNS is fine; it is the site, or the way to it")
        case f.OnlyV6():
            text = f"{name} has IPv6 addresses alone, and there is no way to them from here."
            return Sentence(text, "the DNS is fine; the network needs IPv6")
        case f.SiteDown(found):
            where = listed(tuple(dict.fromkeys(one.address for one in found)))
            ports = " and ".join(str(port) for port in sorted({one.port for one in found}, reverse=True))
            text = f"The site is down: {name} is at {where}, where ports {ports} do not answer ({found[0].reason})."
            return Sentence(text, "the DNS is fine; wait, or ask those who run it")
        case f.Certificate(found, alone):
            return _certificate(name, found, alone=alone)


def _certificate(name: str, found: Reached, *, alone: bool) -> Sentence:
    text = f"The site is at fault: {found.address} answers for {name}, and {found.reason}."
    if not alone:
        return Sentence(text, "the DNS is fine; only those who run the site can mend that")
    return _also(f"{text} One resolver alone gives that address.", name)


def _network(finding: f.Offline | f.Captive | f.WrongClock | f.Stale | f.UpstreamsDown, name: str) -> Sentence:
    match finding:
        case f.Offline(gateway, stale):
            why = f"the router {gateway} is silent" if gateway else "there is no route to the Internet"
            old = f" {_LULL} gives its old answer meanwhile." if stale else ""
            return Sentence(f"You are offline: {why}.{old}", "look at the router and the line to it")
        case f.Captive(where):
            text = f"You are behind a portal that answers in place of everybody ({where})."
            return Sentence(text, "sign in there with a browser")
        case f.WrongClock(server, reason):
            text = f"The clock of this machine is wrong, or {server} is: {reason}, and so of every encrypted upstream."
            return _with(text, "see what time it has", "date")
        case f.Stale(server, reason, online):
            text = f"No upstream answers ({server}: {reason}), so that {_LULL} gives its old answer to {name}."
            return _upstreams(text, online=online, name=name)
        case f.UpstreamsDown(server, reason, count, online, others, other_transport):
            head = (
                f"Upstream {server} fails: {reason}"
                if count == 1
                else f"All {count} upstreams fail; {server}: {reason}"
            )
            if other_transport:
                text = f"{head}; but {others} answers: something on the way swallows the other transport."
                return Sentence(text, f"write {others} in `upstreams` of the config")
            if others:
                return Sentence(f"{head}; but {others} answers.", f"add {others} to `upstreams` of the config")
            return _upstreams(f"{head}.", online=online, name=name)


def _upstreams(text: str, *, online: bool, name: str) -> Sentence:
    if online:
        return Sentence(f"{text} The network is up.", "add another resolver to `upstreams` of the config")
    return _also(f"{text} Nothing else was heard of either: the line may be down.", name)


def _resolvers(
    finding: f.UpstreamLies | f.UpstreamsBlock | f.Disagreement | f.UpstreamFails | f.Outdated, name: str
) -> Sentence:
    match finding:
        case f.UpstreamLies(server, says, right, shown, blocks):
            proof = ", which its certificate shows" if shown else ", as others say"
            verb = "blocks" if blocks else "is wrong about"
            text = f"Upstream {server} {verb} {name}: it says that {says}, but {right}{proof}."
            return Sentence(text, f"take {server} out of `upstreams` of the config")
        case f.UpstreamsBlock(server, reason):
            text = f"{name} is blocked by the upstream {server}" + (f": {reason}." if reason else ".")
            return Sentence(text, f"{_LULL} cannot change that: it takes another upstream in the config")
        case f.Disagreement(one, says, other, says_other):
            text = f"Resolvers disagree about {name}: {one} says that {says}, {other} that {says_other}."
            return _also(text, name)
        case f.UpstreamFails(server, reason):
            text = f"Upstream {server} fails: {reason}. The others answer, and {name} is fine."
            return Sentence(text, f"if that lasts, take {server} out of `upstreams` of the config")
        case f.Outdated(says, now):
            text = f"{_LULL} still says of {name} that {says}; upstreams now say that {now}."
            return Sentence(text, "it will ask again when that has had its time: minutes, hours at most")


def _with(text: str, what: str, command: str) -> Sentence:
    return Sentence(text, f"{what}: {command}" if command else "", command)


def _also(text: str, name: str) -> Sentence:
    """With the advice to ask somebody who is not configured."""
    command = f"{PRODUCT} diagnose {shlex.quote(name)} --ask-also {_ASK_ALSO}"
    return _with(text, "to hear another resolver, which then learns the name", command)
