"""The API as commands use it: over real sockets, and a sentence for whatever goes wrong."""

from __future__ import annotations

import os
import pwd
import socket
import threading
from collections.abc import Callable

import pytest

from resolver.admin.bodies import Done, NewPause
from resolver.commands.api import Api, decode, segment
from resolver.commands.place import Token
from resolver.errors import ApiError, LullError, TextError
from tests.commands.played import TOKEN, Admin, Asked, closed_port

GOOD = Token(TOKEN, "the test")


def test_requests_and_bodies() -> None:
    done = Done(effective=True)
    with Admin({"GET log": done, "POST pause": done, "POST lists/refresh": done, "DELETE rules/7": done}) as admin:
        api = Api(admin.url, GOOD)
        assert decode(api.get("log", name="a b&c", client=None, verdict="", limit=0), Done) == done
        api.post("pause", NewPause("5m", "192.0.2.1"))
        api.post("lists/refresh")
        api.delete("rules/7")
        api.delete("rules/7", client="a b", group="")
        assert admin.asked == [
            Asked("GET", "log?name=a+b%26c&limit=0", None),
            Asked("POST", "pause", {"for": "5m", "client": "192.0.2.1", "group": ""}),
            Asked("POST", "lists/refresh", None),
            Asked("DELETE", "rules/7", None),
            Asked("DELETE", "rules/7?client=a+b", None),
        ]


def test_who_gives_the_command_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with Admin({"GET status": Done(effective=True)}) as admin:
        monkeypatch.setattr(socket, "gethostname", lambda: "laptop")
        monkeypatch.setenv("SUDO_USER", "ada")
        Api(admin.url, GOOD).get("status")
        monkeypatch.setenv("SUDO_USER", "bücher\r\nX: y")
        Api(admin.url, GOOD).get("status")
        monkeypatch.delenv("SUDO_USER")
        Api(admin.url, GOOD).get("status")
    first, odd, last = admin.who
    assert first == "ada@laptop"
    assert odd == r"b\xfccher\r\nX: y@laptop"
    assert last == f"{pwd.getpwuid(os.getuid()).pw_name}@laptop"


def refused(api: Api) -> ApiError:
    with pytest.raises(ApiError) as caught:
        api.get("status")
    return caught.value


def test_a_refusal_is_told_as_it_was_said() -> None:
    with Admin() as admin:
        error = refused(Api(admin.url, GOOD))
    assert (error.status, error.code, error.path, str(error)) == (
        404,
        "not-found",
        "id",
        "there is nothing at GET status",
    )


def test_a_token_that_is_wrong_or_missing() -> None:
    with Admin() as admin:
        wrong = refused(Api(admin.url, Token("wrong", "/x/token")))
        missing = refused(Api(admin.url, Token("", "/x/token", "there is no token at /x/token")))
    assert (wrong.code, missing.code) == ("token", "token")
    assert "does not accept the token of /x/token: give the --state" in str(wrong)
    assert str(missing) == "there is no token at /x/token"


def test_nobody_is_there() -> None:
    port = closed_port()
    error = refused(Api(f"http://127.0.0.1:{port}", Token("", "", "no token")))
    assert error.code == "not-running"
    assert (
        str(error)
        == f"the admin at http://127.0.0.1:{port} does not answer (Connection refused): is `lull serve` running?"
    )


def peer(behave: Callable[[socket.socket], None]) -> tuple[int, threading.Thread]:
    """A server for one connection that behaves as told."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listening:
            stream, _ = listening.accept()
            with stream:
                stream.recv(65536)
                behave(stream)

    thread = threading.Thread(target=serve)
    thread.start()
    return listening.getsockname()[1], thread


@pytest.mark.parametrize(
    ("said", "code", "sentence"),
    [
        (b"", "not-running", "does not answer"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "not-the-admin", "is not the admin of lull"),
        (b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 200 + b"\r\n", "not-the-admin", "is not the admin of lull"),
        (b"HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n", "not-the-admin", "it says 302"),
        (b"HTTP/1.1 500 Oops\r\n\r\n<html>", "not-the-admin", "it says 500"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n\xff\xfe", "not-the-admin", "it says 404"),
    ],
)
def test_somebody_else_is_there(said: bytes, code: str, sentence: str) -> None:
    port, thread = peer(lambda stream: stream.sendall(said))
    error = refused(Api(f"http://127.0.0.1:{port}", GOOD))
    thread.join()
    assert error.code == code
    assert sentence in str(error)


def test_an_admin_that_says_nothing_in_time() -> None:
    over = threading.Event()

    def wait(_: socket.socket) -> None:
        over.wait(5)

    port, thread = peer(wait)
    with pytest.raises(ApiError, match=r"did not answer in 0\.1 seconds") as caught:
        Api(f"http://127.0.0.1:{port}", GOOD).post("lists/refresh", wait=0.1)
    over.set()
    thread.join()
    assert caught.value.code == "not-running"


@pytest.mark.parametrize(
    "url", ["http://", "ftp://127.0.0.1", "http://h:99999", "http://h:0", "http://a b", "http://[::1", "http://é"]
)
def test_what_is_no_place(url: str) -> None:
    with pytest.raises(TextError, match=r"LULL_ADMIN: .* write HOST:PORT"):
        Api(url, GOOD)


def test_a_path_before_the_api_is_kept() -> None:
    with Admin() as admin:
        refused(Api(f"{admin.url}/house", GOOD))
        assert admin.asked == [Asked("GET", "/house/api/v1/status", None)]


@pytest.mark.parametrize("data", [b"", b"<html>", b"[]", b"\xff", b'{"effective": 1}'])
def test_a_body_that_is_another(data: bytes) -> None:
    with pytest.raises(LullError, match=r"is not understood .*: are this command and the daemon of one version\?"):
        decode(data, Done)


def test_an_id_is_one_segment() -> None:
    assert segment("../token?x") == "..%2Ftoken%3Fx"
