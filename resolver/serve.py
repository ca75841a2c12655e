"""The supervisor: binds sockets, drops privileges, starts workers and control, restarts what dies, passes signals on.

It can be PID 1. It holds the sockets for as long as it lives, so that what arrives while a worker is being restarted
waits in the kernel and is answered by the next one.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import pathlib
import pwd
import resource
import signal
import sys
import time
from collections.abc import Iterable, Sequence

import msgspec

from resolver.config.load import Overrides, read
from resolver.config.schema import Config
from resolver.errors import LullError
from resolver.listen.sockets import bind
from resolver.paths import PRODUCT, python_module
from resolver.process import Snapshot

log = logging.getLogger(__name__)

_NOT_YET = (signal.SIGINT, signal.SIGHUP)  # the terminal's Ctrl-C is ours to act on; control waits for SIGHUP itself
_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
_OURS = {PRODUCT, "bundles", "compiled", "lists", "lock", "run", "token"}  # names in a state directory, less endings
_QUICK = 10.0  # seconds: a child that lived for less is restarted with a pause that doubles
_MAX_PAUSE = 5.0
_WORKERS_STOP = 3.0  # seconds until a worker that does not stop is killed
_CONTROL_STOP = 1.5


class Child:
    """One process that is kept running, with no descriptors but those in `inherits`. `pid` is 0 while it is not."""

    def __init__(self, name: str, command: Sequence[str], inherits: Iterable[int]) -> None:
        self.name = name
        self.pid = 0
        self.due = 0.0
        # A descriptor duplicated onto itself loses its close-on-exec flag in the child alone (posix_spawn(3)).
        self._inherits = [(os.POSIX_SPAWN_DUP2, descriptor, descriptor) for descriptor in inherits]
        self._command = [*python_module(command[0]), *command[1:]]
        self._started = 0.0
        self._pause = 0.0

    def start(self, now: float) -> None:
        """Start it, with every signal as it is by default."""
        self._started = now
        try:
            self.pid = os.posix_spawn(
                sys.executable,
                self._command,
                os.environ,
                file_actions=self._inherits,
                setsigmask=_NOT_YET,  # until a child can act on them
                setsigdef=tuple(_SIGNALS - {signal.SIGCHLD}),
            )
        except OSError as error:  # out of processes or memory, or being upgraded: the others must not suffer
            self._pause = min(max(self._pause * 2, 0.1), _MAX_PAUSE)
            self.due = now + self._pause
            log.error("%s cannot be started: %s; trying again in %.1f s", self.name, error, self._pause)

    def ended(self, status: int, now: float) -> None:
        """Plan the restart: at once the first time, then after 0.1, 0.2 … 5 s for as long as it keeps dying young."""
        lived = now - self._started
        self._pause = min(max(self._pause * 2, 0.1), _MAX_PAUSE) if lived < _QUICK else 0.0
        self.due = now + self._pause
        self.pid = 0
        code = os.waitstatus_to_exitcode(status)
        how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        log.warning("%s ended after %.1f s (%s); restarting in %.1f s", self.name, lived, how, self._pause)

    def signal(self, number: int) -> None:
        if self.pid:
            os.kill(self.pid, number)


class Supervisor:
    """Keeps `workers` and `control` running until SIGTERM or SIGINT."""

    def __init__(self, workers: Sequence[Child], control: Child) -> None:
        self._workers = workers
        self._control = control

    @property
    def _children(self) -> list[Child]:
        return [*self._workers, self._control]

    def run(self) -> None:
        """Returns when everything has stopped. SIGHUP goes to control, which reads the config again."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        for child in self._children:
            child.start(time.monotonic())
        while True:
            arrived = self._wait(self._next_due())
            self._reap(time.monotonic())
            if arrived in {signal.SIGTERM, signal.SIGINT}:
                break
            if arrived == signal.SIGHUP:
                self._control.signal(signal.SIGHUP)
            self._start_due(time.monotonic())
        self._stop(self._workers, _WORKERS_STOP)
        self._stop([self._control], _CONTROL_STOP)

    def _next_due(self) -> float:
        """Seconds until a child is to be started again; a minute when all run."""
        due = [child.due for child in self._children if not child.pid]
        return max(min(due) - time.monotonic(), 0.0) if due else 60.0

    def _wait(self, seconds: float) -> int:
        arrived = signal.sigtimedwait(_SIGNALS, seconds)
        return arrived.si_signo if arrived is not None else 0

    def _reap(self, now: float) -> None:
        """Collect every child that ended, also those that are not ours when we are PID 1."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            for child in self._children:
                if child.pid == pid:
                    child.ended(status, now)

    def _start_due(self, now: float) -> None:
        for child in self._children:
            if not child.pid and child.due <= now:
                child.start(now)

    def _stop(self, children: Sequence[Child], seconds: float) -> None:
        """Ask nicely, wait so long, then kill."""
        deadline = time.monotonic() + seconds
        for child in children:
            child.signal(signal.SIGTERM)
        while any(child.pid for child in children) and (left := deadline - time.monotonic()) > 0:
            self._wait(left)
            self._collect(children)
        for child in children:
            child.signal(signal.SIGKILL)
            if child.pid:
                log.warning("%s did not stop in %.1f s and was killed", child.name, seconds)
                os.waitpid(child.pid, 0)

    def _collect(self, children: Sequence[Child]) -> None:
        for child in children:
            if child.pid and os.waitpid(child.pid, os.WNOHANG)[0]:
                child.pid = 0


def serve(config: Config, file: pathlib.Path, overrides: Overrides) -> None:
    """Run the daemon with the config of `file` until it is told to stop. Raises LullError when it cannot start."""
    snapshot = Snapshot.make(read(file)).descriptor
    _own_state(config.state)
    _raise_file_limit()
    udp: list[list[int]] = [[] for _ in range(config.dns.workers)]
    tcp: list[int] = []
    for endpoint in config.dns.listen:
        datagrams, stream = bind(endpoint.host, endpoint.port, config.dns.workers)
        for number, sock in enumerate(datagrams):
            udp[number].append(sock.detach())
        tcp.append(stream.detach())
    life, held = os.pipe()  # `held` stays with us alone: its end is how children learn that we are gone
    _drop_privileges(config)
    common = ["--state", str(config.state.absolute()), "--config", str(file), "--life", str(life)]
    common += ["--snapshot", str(snapshot), "--overrides", msgspec.json.encode(overrides).decode()]
    workers = [
        Child(
            f"worker-{n}",
            ["resolver.worker", "--number", str(n), "--udp", *map(str, fds), "--tcp", *map(str, tcp), *common],
            [*fds, *tcp, life, snapshot],
        )
        for n, fds in enumerate(udp)
    ]
    Supervisor(workers, Child("control", ["resolver.control", *common], [life, snapshot])).run()
    os.close(held)
    log.info("stopped")


def _own_state(state: pathlib.Path) -> None:
    """Make the state directory and hold its lock for as long as this process lives: one daemon a directory."""
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(state / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LullError(f"{state} is in use by another lull serve: stop that one, or give --state") from None
    except OSError as error:
        # Answering needs no disk. Control says the same in `status` for as long as it lasts.
        log.warning("the state directory %s cannot be used: %s; nothing will be kept", state, error.strerror)


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
