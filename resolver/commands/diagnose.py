"""`lull diagnose`: is it the DNS or the site? One sentence first, then what it rests on."""

from __future__ import annotations

import contextlib
import sys
from argparse import Namespace

from msgspec.structs import replace

from resolver.admin.diagnosebodies import Diagnosing, Diagnosis, Network, Reached, Result, Said
from resolver.commands.api import connect, decode
from resolver.commands.outcome import FAILED, OK, USAGE
from resolver.commands.output import GREEN, RED, YELLOW, as_json, line, note, table
from resolver.commands.progress import waited
from resolver.errors import ApiError
from resolver.paths import PRODUCT

_ROLES = {"own": f"{PRODUCT.capitalize()} itself", "transport": "same, by another way", "also": "not configured"}
_AGREES = {"same": "agrees", "near": "agrees: other machines of the same site", "different": "differs"}
_MOST = 4  # addresses
_REASON = 60  # characters


def run(arguments: Namespace) -> int:
    asked = Diagnosing(arguments.name, arguments.client or "", arguments.ask_also, agreed=arguments.yes)
    api = connect(arguments)
    try:
        begun = api.post("diagnose", asked)
    except ApiError as error:
        if error.code != "consent":
            raise
        if not _agreed(str(error)):
            return USAGE
        begun = api.post("diagnose", replace(asked, agreed=True))
    data = waited(api, begun)
    found = decode(data, Diagnosis)
    if arguments.json:
        as_json(data)
    else:
        _text(found, found.result)
    return OK if found.result.fine else FAILED


def _agreed(why: str) -> bool:
    """Whether the person lets somebody who is not configured learn the name. Only they can say so."""
    if not sys.stdin.isatty():
        note(f"{PRODUCT}: {why}; give --yes if that is all right")
        return False
    note(f"{why}.")
    print("Ask it all the same? [y/N] ", end="", file=sys.stderr, flush=True)
    with contextlib.suppress(EOFError):
        return sys.stdin.readline().strip().lower() in {"y", "yes"}
    return False


def _text(found: Diagnosis, result: Result) -> None:
    line(head=result.sentence, colour=GREEN if result.fine else RED)
    if result.advice:
        line(f"  {result.advice}")
    for other in result.beside:
        line(f" {other}", head="besides:", colour=YELLOW)
    line()
    who = f" for {found.client}" if found.client else ""
    rule = f" by {result.rule}" if result.rule else ""
    line(f"{found.name}{who}, group {found.group}: {result.verdict}{rule}")
    line()
    table(("ASKED", "", "SAYS", "TIME", "ADDRESSES", ""), map(_said, result.said))
    if result.reached:
        line()
        table(("ADDRESS", "PORT", "TIME", ""), map(_reached, result.reached))
    line()
    line(_network(result.network))


def _said(one: Said) -> tuple[str, ...]:
    addresses = ", ".join(one.addresses[:_MOST]) + (" …" if len(one.addresses) > _MOST else "")
    more = "; ".join([*filter(None, [_AGREES.get(one.agrees, "")]), *(["validated"] if one.ad else []), *one.ede])
    says = one.rcode or one.failure[:_REASON]
    return one.server, _ROLES.get(one.role, ""), says, f"{one.ms:.0f} ms", addresses, more


def _reached(one: Reached) -> tuple[str, ...]:
    well = "answers, and its certificate is right" if one.secure else "answers"
    return one.address, str(one.port), f"{one.ms:.0f} ms", one.reason or well


def _network(network: Network) -> str:
    heard = {True: ", which is heard of", False: ", which is silent", None: ""}[network.gateway_heard]
    v4 = f"IPv4 by {network.v4}{heard}" if network.v4 else "no IPv4"
    v6 = f"IPv6 by {network.v6}" if network.v6 else "no IPv6"
    portal = f"; captive portal: {network.portal}" if network.portal else ""
    return f"the way out: {v4}, {v6}{portal}"
