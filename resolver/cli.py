"""The command: argument parsing only. Each entry of COMMANDS is a module of `commands`, its options and its help."""

from __future__ import annotations

import contextlib
import io
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from resolver import __version__
from resolver.commands import (
    check,
    lists,
    log,
    pause,
    query,
    rule,
    rules,
    serve,
    services,
    stats,
    status,
    token,
    values,
    why,
)
from resolver.commands.outcome import EXIT_CODES, guarded
from resolver.commands.place import ADMIN, TOKEN
from resolver.paths import CONFIG, PRODUCT


class Command(NamedTuple):
    """What a command is for, the options it takes, and what it does."""

    help: str
    options: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]


def _no_options(_: ArgumentParser) -> None:
    pass


def _serve(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--listen", metavar="HOST:PORT", action="append", default=[], type=values.text, help="answer here; repeatable")
    add("--upstream", metavar="URL", action="append", default=[], type=values.text, help="forward there; repeatable")
    add("--workers", metavar="N", type=int, help="processes that answer queries")
    add("--admin", metavar="HOST:PORT", type=values.text, help="serve the admin here")


def _query(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", type=values.domain)
    parser.add_argument("type", metavar="TYPE", nargs="?", default="A", type=values.rr_type, help="A unless given")
    parser.add_argument(
        "--server", metavar="HOST[:PORT]", type=values.server, help="ask this one instead of the daemon"
    )
    parser.add_argument("--tcp", action="store_true", help="ask over TCP")
    parser.add_argument("--dnssec", action="store_true", help="ask for signatures too (DO)")


def _why(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", type=values.domain)
    parser.add_argument("--client", metavar="IP", type=values.address, help="as this device sees it")
    parser.add_argument("--type", metavar="T", type=values.rr_type, help="the record type; A unless given")


def _rule(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", type=values.text, help="the name, and all below it")
    parser.add_argument("--for", dest="duration", metavar="TIME", type=values.span, help="10m, 1h30m …; else for good")
    _scope(parser)
    parser.add_argument("--comment", metavar="TEXT", default="", type=values.text, help="why, for those who come later")


def _scope(parser: ArgumentParser) -> None:
    scope = parser.add_mutually_exclusive_group()
    scope.add_argument("--client", metavar="IP", type=values.address, help="only for this device")
    scope.add_argument("--group", metavar="G", type=values.text, help="only for this group")


def _rules(parser: ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", choices=("list", "delete"), default="list", help="list unless given")
    parser.add_argument("id", metavar="ID", nargs="?", type=int, help="the rule to delete")


def _lists(parser: ArgumentParser) -> None:
    add = parser.add_argument
    actions = ", ".join(lists.ACTIONS)
    help = f"{actions}; or the ID of a list to show it in full"
    add("action", metavar="ACTION", nargs="?", default="list", type=values.text, help=help)
    add(
        "ids",
        metavar="ID",
        nargs="*",
        type=values.text,
        help="the list whose refused version to accept, or to roll back; the lists to refresh, or whose skipped lines "
        "to show, all unless given. To try: a URL, a file, or an id of the catalogue. For the catalogue: a category, "
        "language or level, or a part of an id or title",
    )
    add("--syntax", choices=lists.SYNTAXES, help="to try: how its lines are read")
    add("--kind", choices=("block", "allow"), help="to try: what its names are for")
    add("--subdomains", action="store_true", default=None, help="to try: plain names mean their subdomains too")
    add(
        "--days",
        metavar="N",
        type=values.days,
        default=7,
        help="to try: how far back the log is looked at; 7 unless given",
    )


def _services(parser: ArgumentParser) -> None:
    parser.add_argument(
        "words",
        metavar="WORD",
        nargs="*",
        type=values.text,
        help="only what fits: a kind, or a part of an id, a title or a name",
    )


def _pause(parser: ArgumentParser) -> None:
    parser.add_argument(
        "duration", metavar="DURATION", nargs="?", type=values.span, help=f"{pause.DEFAULT} unless given"
    )
    _scope(parser)
    parser.add_argument("--end", action="store_true", help="end pauses now: all, or those of --client or --group")


def _log(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--client", metavar="IP", type=values.address, help="only what this device asked")
    add("--name", metavar="N", type=values.domain, help="only this name and all below it")
    add("--verdict", metavar="V", choices=log.VERDICTS, help=", ".join(log.VERDICTS))
    add("--since", metavar="TIME", type=values.span, help="only the last 1h, 2d …")
    add(
        "--shadow",
        metavar="LIST",
        nargs="?",
        const=log.ANY,
        type=values.text,
        help="only what this shadow list, or any, would have blocked",
    )
    add("--limit", metavar="N", type=values.count, default=log.LIMIT, help=f"at most so many; {log.LIMIT} unless given")
    add("--follow", "-f", action="store_true", help="go on with what comes, until Ctrl-C")


def _stats(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--since", metavar="TIME", type=values.span, help=f"the last 1h, 7d …; {stats.DEFAULT} unless given"
    )


COMMANDS: Mapping[str, Command] = {
    "serve": Command("run the daemon", _serve, serve.run),
    "check": Command("say what is wrong with a config", _no_options, check.run),
    "query": Command("ask the daemon, or any DNS server, a question", _query, query.run),
    "why": Command("say how a name is answered, and which rule says so", _why, why.run),
    "allow": Command("allow a name and all below it", _rule, rule.run),
    "deny": Command("block a name and all below it", _rule, rule.run),
    "rules": Command("show your own rules, or delete one", _rules, rules.run),
    "lists": Command(
        "show the lists in use, their versions and what they are good for; try out others", _lists, lists.run
    ),
    "services": Command(
        "show which services a group can block, and which searches can be safe", _services, services.run
    ),
    "pause": Command("stop blocking for a while", _pause, pause.run),
    "log": Command("show what was asked", _log, log.run),
    "status": Command("is it the DNS? how everything is", _no_options, status.run),
    "stats": Command("how much was asked, and what is on top", _stats, stats.run),
    "token": Command("print the token that the admin asks for", _no_options, token.run),
}

_PLACES = f"""every command takes --config FILE (else ./{CONFIG}, then /etc/{PRODUCT}/{CONFIG}, then the shipped one)
and --state DIR; all but serve take --json. {ADMIN} (HOST:PORT) and {TOKEN} name another admin, and its token."""


def _top() -> ArgumentParser:
    width = max(map(len, COMMANDS))
    listed = "\n".join(f"  {name:<{width}}  {command.help}" for name, command in COMMANDS.items())
    parser = ArgumentParser(
        prog=PRODUCT,
        usage=f"{PRODUCT} COMMAND [options]; {PRODUCT} COMMAND --help says more",
        description=f"A content-blocking DNS forwarder.\n\ncommands:\n{listed}",
        epilog=f"{_PLACES}\n\n{EXIT_CODES}",
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{PRODUCT} {__version__}")
    parser.add_argument("command", metavar="COMMAND", choices=tuple(COMMANDS), help="one of the above")
    return parser


def _of(name: str) -> ArgumentParser:
    command = COMMANDS[name]
    parser = ArgumentParser(prog=f"{PRODUCT} {name}", description=command.help, allow_abbrev=False)
    command.options(parser)
    parser.add_argument("--config", metavar="FILE", help="the config file")
    parser.add_argument("--state", metavar="DIR", type=values.text, help="the state directory, instead of the config's")
    if name != "serve":
        parser.add_argument("--json", action="store_true", help="for programs")
    return parser


def parse(given: Sequence[str]) -> Namespace:
    """The arguments of a command, its name as `command`. Exits as argparse does: 2 for what is wrong, 0 for --help."""
    name, *rest = given or ("",)
    if name not in COMMANDS:
        _top().parse_args(given)  # which does not return: help, version, or no such command
    return _of(name).parse_intermixed_args(rest, Namespace(command=name))


def main(given: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code (`commands.outcome`)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            with contextlib.suppress(io.UnsupportedOperation):
                stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a character is no reason to fail

    def work() -> int:
        arguments = parse(sys.argv[1:] if given is None else given)
        return COMMANDS[arguments.command].run(arguments)

    return guarded(work)
