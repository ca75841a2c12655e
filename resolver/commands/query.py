"""`lull query`: ask a DNS server a question and show all that it says."""

from __future__ import annotations

from argparse import Namespace

from resolver.commands import message, place
from resolver.commands.asking import Answer, ask
from resolver.commands.outcome import FAILED, OK
from resolver.commands.output import GREEN, RED, as_json, line
from resolver.config.values import Endpoint
from resolver.errors import UpstreamError, WireError
from resolver.model import Question
from resolver.wire.name import from_text
from resolver.wire.zone import type_number

_WELL = {"NOERROR", "NXDOMAIN"}


def run(arguments: Namespace) -> int:
    server = arguments.server or place.dns_server(arguments)
    question = Question(from_text(arguments.name), type_number(arguments.type))
    answer = ask(server, question, tcp=arguments.tcp, dnssec=arguments.dnssec)
    try:
        shown = message.parse(answer.data)
    except WireError as error:
        raise UpstreamError(f"{server} answered with a message that is malformed: {error}") from error
    if arguments.json:
        _json(shown, answer, server)
    else:
        _text(shown, answer, server)
    return OK if shown.rcode in _WELL else FAILED


def _json(shown: message.Shown, answer: Answer, server: Endpoint) -> None:
    as_json(
        {
            "rcode": shown.rcode,
            "flags": shown.flags,
            "ede": [{"code": ede.code, "meaning": _meaning(ede.code), "text": ede.text} for ede in shown.ede],
            "answer": shown.answer,
            "authority": shown.authority,
            "additional": shown.additional,
            "server": str(server),
            "transport": answer.transport,
            "ms": answer.ms,
        }
    )


def _text(shown: message.Shown, answer: Answer, server: Endpoint) -> None:
    flags = " ".join(shown.flags)
    rest = f" {flags}; {answer.ms:g} ms, {answer.transport.upper()} {server}"
    line(rest, head=shown.rcode, colour=GREEN if shown.rcode in _WELL else RED)
    for ede in shown.ede:
        line(f"; EDE {ede.code} {_meaning(ede.code)}" + (f': "{ede.text}"' if ede.text else ""))
    for record in shown.answer:
        line(str(record))
    for title, records in (("authority", shown.authority), ("additional", shown.additional)):
        if records:
            line(f"; {title}")
        for record in records:
            line(str(record))


def _meaning(code: int) -> str:
    return message.MEANINGS[code] if code < len(message.MEANINGS) else "of a code that RFC 8914 does not name"
