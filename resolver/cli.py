"""The command: argument parsing only. Each entry of COMMANDS is a module of `commands`, its options and its help."""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from resolver import __version__
from resolver.commands import values
from resolver.commands.outcome import EXIT_CODES, guarded
from resolver.commands.place import ADMIN, TOKEN
from resolver.paths import CONFIG, PRODUCT


class Command(NamedTuple):
    """What a command is for, and where its options and what it does are: "MODULE.FUNCTION" of `commands`, to be loaded
    by whoever wants that command alone: to load all of them takes as long as half a start of the daemon."""

    help: str
    options: str
    run: str

    def takes(self, parser: ArgumentParser) -> None:
        """Add its options."""
        options: Callable[[ArgumentParser], None] = _loaded(self.options)
        options(parser)

    def does(self, arguments: Namespace) -> int:
        """Run it; returns its exit code."""
        run: Callable[[Namespace], int] = _loaded(self.run)
        return run(arguments)


def _loaded(name: str) -> Any:
    module, _, function = name.rpartition(".")
    return getattr(importlib.import_module(f"resolver.commands.{module}"), function)


COMMANDS: Mapping[str, Command] = {
    "serve": Command("run the daemon", "serveoptions.serve", "serve.run"),
    "check": Command("say what is wrong with a config", "options.nothing", "check.run"),
    "query": Command("ask the daemon, or any DNS server, a question", "options.query", "query.run"),
    "why": Command("say how a name is answered, and which rule says so", "options.why", "why.run"),
    "allow": Command("allow a name and all below it, for good or for a while", "options.rule", "rule.run"),
    "deny": Command("block a name and all below it, likewise", "options.rule", "rule.run"),
    "rules": Command(
        "show your own rules, add many, delete some, or see what was changed", "options.rules", "rules.run"
    ),
    "undo": Command("take the last change back, or another", "options.undo", "undo.run"),
    "lists": Command(
        "show the lists in use, their versions and what they are good for; try out others", "options.lists", "lists.run"
    ),
    "services": Command(
        "show which services a group can block, and which searches can be safe", "options.services", "services.run"
    ),
    "settings": Command(
        "show what was chosen in place of what the config file says; choose, or take that back",
        "options.settings",
        "settings.run",
    ),
    "upstreams": Command("show which resolvers can be named in one word", "options.upstreams", "upstreams.run"),
    "devices": Command(
        "show who asks here; name a device, put it in a group, or say what the log keeps of it",
        "options.devices",
        "devices.run",
    ),
    "groups": Command("show the groups, who is in them and what holds for them", "options.nothing", "devices.groups"),
    "pause": Command("stop blocking for a while", "options.pause", "pause.run"),
    "schedules": Command("show when schedules are in force, and for whom", "options.nothing", "schedule.every"),
    "schedule": Command(
        "change a schedule for once: not today, start now, 30 more minutes", "options.schedule", "schedule.run"
    ),
    "sites": Command("show what is allowed on which site", "options.nothing", "site.every"),
    "site": Command("repair a site that blocking broke, or change its rule", "options.site", "site.run"),
    "log": Command("show what was asked; as it comes, as a file; or forget some of it", "logoptions.log", "log.run"),
    "status": Command("is it the DNS? how everything is", "options.nothing", "status.run"),
    "diagnose": Command(
        "is it the DNS or the site? one name, looked at from all sides", "options.diagnose", "diagnose.run"
    ),
    "jobs": Command("show what goes on that takes long, or end it", "options.jobs", "jobs.run"),
    "stats": Command("how much was asked, and what is on top", "options.stats", "stats.run"),
    "users": Command(
        "show who can sign in to the admin; add somebody, mend a lost password", "accountoptions.users", "users.run"
    ),
    "tokens": Command("show which programs use the API; make or revoke a token", "accountoptions.tokens", "tokens.run"),
    "requests": Command("show what members ask for; grant or refuse it", "accountoptions.requests", "requests.run"),
    "backup": Command("write everything that is worth keeping into one file", "options.backup", "backup.run"),
    "restore": Command("take a backup back, all of it or nothing", "options.restore", "restore.run"),
    "token": Command("print the token of this machine, which may do everything", "options.nothing", "token.run"),
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
    command.takes(parser)
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
        return COMMANDS[arguments.command].does(arguments)

    return guarded(work)
