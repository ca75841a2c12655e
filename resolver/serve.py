"""Starting the daemon: binds sockets, drops privileges, and becomes the supervisor, which keeps the others running."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import logging
import os
import pathlib
import pwd
import resource
import sys
from collections.abc import Mapping, Sequence

import msgspec

from resolver import self_signed
from resolver.activation import Given
from resolver.config.load import Overrides, read
from resolver.config.schema import Config
from resolver.errors import LullError
from resolver.listen.sockets import bind, bind_datagrams, bind_stream
from resolver.paths import PRODUCT, SELF_SIGNED, python_module
from resolver.plan import Kept, Plan
from resolver.process import Snapshot
from resolver.wire.cookies import SECRET

log = logging.getLogger(__name__)

# Names in a state directory, less endings.
_OURS = {PRODUCT, "bundles", "chosen", "compiled", "lists", "lock", "restore", "run", "self-signed", "token", "welcome"}
_WORKER_HUNG = 10.0  # seconds without a sign of life
_WORKER_BORN = 90.0  # seconds until its first one: without a bundle it has to make one
_CONTROL_HUNG = 120.0  # it may be long over a large database
_CONTROL_BORN = 1800.0  # and longer when that is brought up to date, which must not be begun again and again


def serve(config: Config, file: pathlib.Path, overrides: Overrides) -> None:
    """Run the daemon with the config of `file`: what this process was ends here. Raises LullError when it cannot start,
    and OSError."""
    _open_standard()
    snapshot = Snapshot.make(read(file)).descriptor
    secret = Snapshot.make(os.urandom(SECRET)).descriptor
    lock = _own_state(config.state)
    _raise_file_limit()
    given = Given.take()
    sockets = _bind(config, given)
    life, held = os.pipe()  # `held` stays with us alone: its end is how children learn that we are gone
    _drop_privileges(config)
    if config.encrypted.endpoints and config.encrypted.certificate is None:
        self_signed.make(config.state / SELF_SIGNED, config.encrypted.names)
    common = ["--state", str(config.state.absolute()), "--config", str(file), "--life", str(life)]
    common += ["--snapshot", str(snapshot), "--overrides", msgspec.json.encode(overrides).decode()]
    workers = [
        Kept(
            f"worker-{number}",
            [*python_module("resolver.worker"), *_options(number, mine, secret), *common],
            [*itertools.chain.from_iterable(mine.values()), life, snapshot, secret],
            _WORKER_HUNG,
            _WORKER_BORN,
        )
        for number, mine in enumerate(sockets)
    ]
    control = Kept(
        "control", [*python_module("resolver.control"), *common], [life, snapshot], _CONTROL_HUNG, _CONTROL_BORN
    )
    Plan(workers, control, [held, *lock]).follow()


def _open_standard() -> None:
    """Have descriptors 0 to 2 lead somewhere: where they are closed, what is opened next, such as the config's memory
    or a listening socket, would be a child's standard error, and be written into."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)  # noqa: FBT003 - its only name
    os.close(descriptor)


def _bind(config: Config, given: Given) -> list[dict[str, list[int]]]:
    """For each worker the descriptors of its listening sockets by kind. Those of streams are the same for all, and so
    is what systemd gave us; but one worker alone has what it gave us for QUIC, whose datagrams belong together."""
    workers, doors = config.dns.workers, config.encrypted
    shared: dict[str, list[int]] = {"tcp": [], "tls": [], "https": []}
    own: dict[str, list[list[int]]] = {"udp": [], "quic": []}
    for endpoint in config.dns.listen:
        datagrams, stream = given.pair(endpoint, workers) or bind(endpoint.host, endpoint.port, workers)
        own["udp"].append([sock.detach() for sock in datagrams])
        shared["tcp"].append(stream.detach())
    for kind in ("tls", "https"):
        shared[kind] = [(given.stream(one) or bind_stream(one.host, one.port)).detach() for one in getattr(doors, kind)]
    for endpoint in doors.quic:
        datagrams = given.datagrams(endpoint, 1) or bind_datagrams(endpoint.host, endpoint.port, workers)
        own["quic"].append([sock.detach() for sock in datagrams])
    for where in given.rest():
        log.warning("systemd gave a socket that the config does not name, and nobody listens there: %s", where)
    return [
        shared | {kind: [each[n] for each in sets if n < len(each)] for kind, sets in own.items()}
        for n in range(workers)
    ]


def _options(number: int, sockets: Mapping[str, Sequence[int]], secret: int) -> list[str]:
    listening = [word for kind, fds in sockets.items() if fds for word in (f"--{kind}", *map(str, fds))]
    return ["--number", str(number), "--secret", str(secret), *listening]


def _own_state(state: pathlib.Path) -> list[int]:
    """Make the state directory and lock it for as long as this process lives: one daemon a directory. Returns the
    descriptor that holds the lock; none without one."""
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(state / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LullError(f"{state} is in use by another lull serve: stop that one, or give --state") from None
    except OSError as error:
        # Answering needs no disk. Control says the same in `status` for as long as it lasts.
        log.warning("the state directory %s cannot be used: %s; nothing will be kept", state, error.strerror)
        return []
    return [lock]


def _raise_file_limit() -> None:
    """As many open files as we may have: each question on its way has a socket, and the usual limit is 1024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _drop_privileges(config: Config) -> None:
    """Become `dns.user`, with the state directory made theirs; nothing to do when it is empty or we are not root."""
    if not config.dns.user or os.geteuid() != 0:
        return
    try:
        user = pwd.getpwnam(config.dns.user)
    except KeyError:
        raise LullError(f"dns.user: there is no user {config.dns.user!r} on this machine") from None
    _give(config.state.resolve(), user.pw_uid, user.pw_gid)
    os.initgroups(user.pw_name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    if not os.access(sys.executable, os.X_OK):
        raise LullError(
            f"dns.user: {config.dns.user} cannot run {sys.executable}: install {PRODUCT.capitalize()} where they can"
        )


def _give(state: pathlib.Path, uid: int, gid: int) -> None:
    """Make the state directory, and what is in it, a user's; what cannot be given is said, and answering goes on.

    Nothing is done when the directory is theirs: from then on its content is, and root must not act on names that
    another user can exchange. By descriptors for the same reason. Raises LullError when others keep files there too.
    """
    try:
        if state.stat().st_uid == uid:
            return
        strangers = [path.name for path in state.iterdir() if path.name.partition(".")[0] not in _OURS]
        if strangers:
            some = ", ".join(sorted(strangers)[:3])
            raise LullError(f"{state} holds what is not ours ({some}): give `state` a directory of its own")
        for _, directories, files, descriptor in os.fwalk(state, follow_symlinks=False):
            for name in (*directories, *files):
                os.chown(name, uid, gid, dir_fd=descriptor, follow_symlinks=False)
        os.chown(state, uid, gid)
    except OSError as error:
        log.warning("the state directory %s cannot be given to the user: %s", state, error.strerror)
