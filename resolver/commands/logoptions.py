"""The options of `lull log`, as argparse takes them."""

from __future__ import annotations

from argparse import ArgumentParser

from resolver.commands import log as logged
from resolver.commands import values

_TIME = "1h, 2d …, 07:00, 'mon 21:30' or '2026-11-22 07:00'"


def log(parser: ArgumentParser) -> None:
    add = parser.add_argument
    help = "forget: delete what --client, --name and --before say, for good; the log is shown unless given"
    add("action", metavar="forget", nargs="?", choices=("forget",), help=help)
    _who_and_what(parser)
    _how(parser)
    add("--since", metavar="TIME", type=values.past, help=f"only from then on: {_TIME}")
    add("--until", metavar="TIME", type=values.past, help="only before then, written likewise")
    help = f"at most so many; {logged.LIMIT} unless given"
    add("--limit", metavar="N", type=values.count, help=help)
    add("--follow", "-f", action="store_true", help="go on with what comes, until Ctrl-C")
    help = "write all of it to standard output: csv for spreadsheets, jsonl for programs"
    add("--export", metavar="FORMAT", choices=logged.FORMATS, help=help)
    add("--before", metavar="TIME", type=values.past, help="to forget: what is from before then")
    add("--yes", action="store_true", help="to forget: without asking")


def _who_and_what(parser: ArgumentParser) -> None:
    add = parser.add_argument
    help = (
        "only what this device asked: its address, MAC address or name; or a network or a name for a day, where the "
        "log keeps only these"
    )
    add("--client", metavar="DEVICE", type=values.client, help=help)
    add("--group", metavar="G", type=values.text, help="only devices of this group")
    add("--name", metavar="N", type=values.domain, help="only this name and all below it")
    add("--exact", metavar="N", type=values.domain, help="only this very name")
    add("--part", metavar="TEXT", type=values.text, help="only names that have this in them")
    add("--type", metavar="T", type=values.rr_type, help="only this record type")


def _how(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--verdict", metavar="V", choices=logged.VERDICTS, help=", ".join(logged.VERDICTS))
    add("--list", metavar="LIST", type=values.text, help="only what this list decided, or: rules, sites, pause …")
    add("--rule", metavar="RULE", type=values.text, help="only what this rule decided: its whole text")
    add("--origin", metavar="O", choices=logged.ORIGINS, help=", ".join(logged.ORIGINS))
    add("--upstream", metavar="URL", type=values.text, help="only what this upstream answered")
    add("--rcode", metavar="R", type=values.rcode, help="only this response code: NXDOMAIN, SERVFAIL …")
    add("--slower", metavar="TIME", type=values.milliseconds, help="only what took longer than this: 50ms, 2s")
    help = "only what this shadow list, or any, would have blocked"
    add("--shadow", metavar="LIST", nargs="?", const=logged.ANY, type=values.text, help=help)
