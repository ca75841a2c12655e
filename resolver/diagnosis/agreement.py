"""Do resolvers agree? Big sites tell each resolver of machines near it, which is no disagreement: such answers share an
address, the target of a CNAME, or the network that the machines are in."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec

from resolver.diagnosis.facts import Answer, Reached, Role, Said, Trouble

WRONG = frozenset({Trouble.OTHER_NAME, Trouble.UNKNOWN_ISSUER})
"""What a machine shows that is not the site."""

_PREFIXES = {4: 16, 6: 32}  # what one network's operator usually has; there is no table of origins here


class Likeness(StrEnum):
    """How two answers are alike: the same; different machines of the same site; or not alike."""

    SAME = "same"
    NEAR = "near"
    DIFFERENT = "different"


class Camp(msgspec.Struct, frozen=True):
    """Those who agree, and what the first of them says. `proven`: a machine that they name showed a certificate that is
    right for the name; `refuted`: none did, and one showed a wrong one."""

    said: tuple[Said, ...]
    answer: Answer
    proven: bool
    refuted: bool

    @property
    def weight(self) -> tuple[int, int]:
        """How much is to be said for them: how many servers say so, each over one transport, and how many of these are
        sure to be who they are, or validated it."""
        servers = [one for one in self.said if one.role != Role.TRANSPORT]
        sure = [one for one in servers if one.authentic or (isinstance(one.result, Answer) and one.result.ad)]
        return len(servers), len(sure)


def real(addresses: Iterable[str]) -> tuple[str, ...]:
    """The addresses at which there can be a machine: 0.0.0.0 and :: are how names are blocked."""
    return tuple(address for address in addresses if not ipaddress.ip_address(address).is_unspecified)


def likeness(one: Answer, other: Answer) -> Likeness:
    """How two usable answers to the same question are alike."""
    if one.rcode != other.rcode:
        return Likeness.DIFFERENT
    mine, theirs = set(real(one.addresses)), set(real(other.addresses))
    if mine & theirs or not (mine or theirs):
        return Likeness.SAME
    if not (mine and theirs):
        return Likeness.DIFFERENT
    if one.chain[-1:] and one.chain[-1:] == other.chain[-1:]:
        return Likeness.NEAR
    families = _families(mine) & _families(theirs)
    if not families or set(_networks(mine)) & set(_networks(theirs)):
        return Likeness.NEAR
    return Likeness.DIFFERENT


def camps(said: Iterable[Said], reached: Iterable[Reached]) -> list[Camp]:
    """Those with a usable answer, by what they say. Where certificates show that two camps are both right, they are
    one."""
    tried = tuple(reached)
    grouped: list[list[tuple[Said, Answer]]] = []
    for one in said:
        answer = one.result
        if not isinstance(answer, Answer) or not answer.usable:
            continue
        for group in grouped:
            if _agree(group[0][1], answer, tried):
                group.append((one, answer))
                break
        else:
            grouped.append([(one, answer)])
    return list(_merged(_camp(group, tried) for group in grouped))


def _camp(group: list[tuple[Said, Answer]], reached: tuple[Reached, ...]) -> Camp:
    proven, refuted = _shown({address for _, answer in group for address in answer.addresses}, reached)
    return Camp(tuple(one for one, _ in group), group[0][1], proven, refuted)


def _agree(one: Answer, other: Answer, reached: tuple[Reached, ...]) -> bool:
    """Whether two answers are alike, and not merely near while certificates tell them apart."""
    like = likeness(one, other)
    if like != Likeness.NEAR:
        return like == Likeness.SAME
    evidence = {_shown(set(one.addresses), reached), _shown(set(other.addresses), reached)}
    return evidence != {(True, False), (False, True)}


def _shown(addresses: set[str], reached: tuple[Reached, ...]) -> tuple[bool, bool]:
    """Whether certificates prove addresses to be the site's, and whether they refute it."""
    shown = [one for one in reached if one.secure and one.address in addresses]
    proven = any(one.trouble is None for one in shown)
    return proven, not proven and any(one.trouble in WRONG for one in shown)


def _merged(found: Iterable[Camp]) -> Iterator[Camp]:
    """The camps, with those that are proven as one."""
    proven = []
    for camp in found:
        if camp.proven:
            proven.append(camp)
        else:
            yield camp
    if proven:
        yield Camp(tuple(one for camp in proven for one in camp.said), proven[0].answer, proven=True, refuted=False)


def _families(addresses: Iterable[str]) -> set[int]:
    return {ipaddress.ip_address(address).version for address in addresses}


def _networks(addresses: Iterable[str]) -> Iterator[tuple[int, int]]:
    for address in map(ipaddress.ip_address, addresses):
        yield address.version, int(address) >> (address.max_prefixlen - _PREFIXES[address.version])
