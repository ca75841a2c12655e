"""From what the probes found and policy says to the facts, and from these to the body that people see."""

from __future__ import annotations

from resolver.admin import diagnosebodies as bodies
from resolver.admin.whybodies import Why
from resolver.diagnosis.agreement import likeness
from resolver.diagnosis.facts import Answer, Decided, Facts, Failure, Network, Reached, Route, Said
from resolver.diagnosis.findings import Finding, Fine, Local
from resolver.diagnosis.judging import judge
from resolver.diagnosis.resolvers import truth
from resolver.diagnosis.sentences import beside, sentence
from resolver.model import Client, Ede, Tier
from resolver.policy.clients import DEFAULT
from resolver.policy.special import SPECIAL_USE
from resolver.probes.examining import Examined
from resolver.wire.zone import rcode_text


def facts(why: Why, found: Examined, client: Client, asker: Client) -> Facts:
    """All about a name as policy and the world see it. `client` is whom the diagnosis is for, `asker` this machine,
    whose questions Lull answered."""
    firm = why.verdict == "allow" and why.tier < Tier.SERVICES
    decided = Decided(why.verdict, why.decided_by, why.via, why.command, firm)
    return Facts(
        name=why.name,
        decided=decided,
        own=found.own,
        upstreams=found.upstreams,
        others=found.others,
        reached=found.reached,
        network=found.network,
        whom=client.key,
        alike=asker.admitted and asker.group == (client.group or DEFAULT),
        admitted=client.admitted,
    )


def result(facts: Facts) -> bodies.Result:
    """What the facts mean, and the facts."""
    judged = judge(facts)
    said = sentence(judged.finding, facts)
    right = truth(facts)
    answer = None if right is None else right.answer
    return bodies.Result(
        sentence=said.text,
        finding=str(judged.finding.__struct_config__.tag),
        fine=_fine(judged.finding),
        advice=said.advice,
        command=said.command,
        beside=[beside(one, facts) for one in judged.beside],
        verdict=facts.decided.verdict,
        rule=facts.decided.rule,
        said=[_said(one, answer) for one in (facts.own, *facts.asked)],
        reached=[_reached(one) for one in facts.reached],
        network=_network(facts.network),
    )


def _said(said: Said, right: Answer | None) -> bodies.Said:
    match said.result:
        case Failure(reason):
            return bodies.Said(said.server, said.role, "", said.ms, failure=reason)
        case Answer(rcode, addresses, chain, ad, ede) as answer:
            agrees = "" if right is None or not answer.usable else str(likeness(answer, right))
            errors = [_ede(one) for one in ede]
            text = rcode_text(rcode)
            shown = list(addresses), list(chain), ad, errors
            return bodies.Said(said.server, said.role, text, said.ms, *shown, agrees=agrees)


def _ede(ede: Ede) -> str:
    return f"EDE {ede.code} {ede.text}".rstrip()


def _reached(one: Reached) -> bodies.Reached:
    trouble = "" if one.trouble is None else str(one.trouble)
    return bodies.Reached(one.address, one.port, one.secure, one.ms, trouble, one.reason)


def _fine(finding: Finding) -> bool:
    """Whether nothing is the matter: a name with a meaning of its own (RFC 6761) is to be answered here."""
    special = isinstance(finding, Local) and finding.rule.startswith(f"{SPECIAL_USE}: ")
    return special or isinstance(finding, Fine)


def _network(network: Network) -> bodies.Network:
    portal = network.portal
    looked = "" if portal is None else portal.where or "there is none"
    return bodies.Network(_route(network.v4), _route(network.v6), network.gateway_heard, looked)


def _route(route: Route | None) -> str:
    return "" if route is None else route.gateway or route.interface
