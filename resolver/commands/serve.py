"""`lull serve`: the daemon. Everybody waits for what is imported here, so nothing is that is not small."""

from __future__ import annotations

import contextlib
import pathlib
import shlex
import time
from argparse import Namespace

from resolver import __version__
from resolver.backup import taking
from resolver.backup.locking import alone
from resolver.commands import place
from resolver.commands.outcome import OK
from resolver.commands.output import note
from resolver.config.load import Overrides, load
from resolver.config.schema import Config
from resolver.errors import LullError, TextError
from resolver.lists.catalogue import Catalogue
from resolver.paths import ENVIRONMENT, PRODUCT, config_file
from resolver.process import configure_logging
from resolver.serve import serve


def run(arguments: Namespace) -> int:
    overrides = Overrides(
        listen=tuple(arguments.listen),
        upstream=tuple(arguments.upstream),
        state=arguments.state,
        workers=arguments.workers,
        admin=arguments.admin,
    )
    file = config_file(arguments.config)
    _finish_restore(arguments)
    config = load(file, Catalogue.load().known(), overrides)
    _configure_logging()
    for text in announcement(config, arguments):
        note(text)
    serve(config, file, overrides)
    return OK


def _finish_restore(arguments: Namespace) -> None:
    """Take a restore that was interrupted, as it may bring another config; what stands in its way, control tells."""
    with contextlib.suppress(LullError, OSError):
        state = pathlib.Path(arguments.state) if arguments.state else place.settings(arguments, "state").state
        if taking.pending(state) is not None:
            with alone(state) as free:
                if free:
                    taking.take(state, time.time())


def _configure_logging() -> None:
    try:
        configure_logging("serve")
    except ValueError as error:
        raise TextError(f"{ENVIRONMENT}LOG: {error}; write DEBUG, INFO, WARNING or ERROR") from error


def announcement(config: Config, arguments: Namespace) -> list[str]:
    """What is about to be where, and what to try. The commands work as they stand, from where Lull was started."""
    dns = place.reachable(config.dns.listen[0])
    admin = place.reachable(config.admin.listen)
    same = "".join(
        f" --{key} {shlex.quote(value)}" for key in ("config", "state") if (value := getattr(arguments, key))
    )
    there = f"{place.ADMIN}={admin} " if arguments.admin else ""
    return [
        f"{PRODUCT} {__version__}, config {config_file(arguments.config)}, state {config.state}",
        f"  DNS    {', '.join(map(str, config.dns.listen))} (UDP and TCP)",
        f"  admin  http://{admin}/",
        f"  try    dig @{dns.host} -p {dns.port} example.com",
        f"         {there}{PRODUCT} status{same}",
        f"         {PRODUCT} token{same}    the admin asks for it",
    ]
