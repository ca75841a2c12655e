"""`lull query` against a real name server."""

from __future__ import annotations

import json
import pathlib

import pytest

from resolver.cli import main
from resolver.commands import asking
from tests.commands.played import NameServer, closed_port, opt, record, reply

BLOCKED = record(1, bytes(4), 10) + opt((15, b"\0\x0fads: ||x.example^"))


def blocked(query: bytes, _: str) -> list[bytes]:
    return [reply(query, 0x8180, BLOCKED, (1, 0, 1))]


def test_status_errors_in_words_and_records(capsys: pytest.CaptureFixture[str]) -> None:
    with NameServer(blocked) as server:
        assert main(["query", "X.example", "--server", server.place]) == 0
    status, *rest = capsys.readouterr().out.splitlines()
    assert status.startswith("NOERROR qr rd ra; ")
    assert status.endswith(f" ms, UDP {server.place}")
    assert rest == ['; EDE 15 blocked: "ads: ||x.example^"', "x.example. 10 IN A 0.0.0.0"]


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    with NameServer(blocked) as server:
        assert main(["query", "x.example", "A", "--json", "--tcp", "--server", server.place]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown.pop("ms") > 0
    assert shown == {
        "rcode": "NOERROR",
        "flags": ["qr", "rd", "ra"],
        "ede": [{"code": 15, "meaning": "blocked", "text": "ads: ||x.example^"}],
        "answer": [{"name": "x.example.", "ttl": 10, "class": "IN", "type": "A", "data": "0.0.0.0"}],
        "authority": [],
        "additional": [],
        "server": server.place,
        "transport": "tcp",
    }


@pytest.mark.parametrize(
    ("rcode", "code", "word"), [(0, 0, "NOERROR"), (3, 0, "NXDOMAIN"), (2, 1, "SERVFAIL"), (5, 1, "REFUSED")]
)
def test_exit_codes(rcode: int, code: int, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with NameServer(lambda query, _: [reply(query, 0x8180 | rcode)]) as server:
        assert main(["query", "x.example", "--server", server.place]) == code
    assert capsys.readouterr().out.startswith(f"{word} qr")


def test_the_other_sections(capsys: pytest.CaptureFixture[str]) -> None:
    soa = record(6, b"\0\0" + bytes(19) + b"\x3c")
    with NameServer(lambda query, _: [reply(query, 0x8180, soa + record(1, bytes(4)), (0, 1, 1))]) as server:
        assert main(["query", "x.example", "--server", server.place]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "; authority",
        "x.example. 60 IN SOA . . 0 0 0 0 60",
        "; additional",
        "x.example. 60 IN A 0.0.0.0",
    ]


def test_the_daemon_is_asked_unless_another_is_named(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "lull.yaml"
    with NameServer(blocked) as server:
        config.write_text(f"dns: {{listen: ['0.0.0.0:{server.port}']}}\n")
        assert main(["query", "x.example", "--config", str(config), "AAAA"]) == 0
        assert server.asked[0][1][12:27] == b"\1x\7example\0\0\x1c\0\1"
    assert f"UDP 127.0.0.1:{server.port}" in capsys.readouterr().out


def test_hostile_answers_are_shown_safely(capsys: pytest.CaptureFixture[str]) -> None:
    records = record(5, b"\x05\x1b[2J\x07\0") + record(16, b"\x04\x1b]0;") + opt((15, b"\0\0\xe2\x80\xae\x1b[31m\n"))
    with NameServer(lambda query, _: [reply(query, 0x8180, records, (2, 0, 1))]) as server:
        assert main(["query", "x.example", "--server", server.place]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.isprintable() for line in lines)
    assert lines[1:] == [
        r'; EDE 0 other: "\u202e\x1b[31m\n"',
        r"x.example. 60 IN CNAME \027[2j\007.",
        r'x.example. 60 IN TXT "\027]0;"',
    ]


def test_no_answer(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "TRIES", (0.05,))
    place = f"127.0.0.1:{closed_port()}"
    assert main(["query", "x.example", "--server", place]) == 3
    assert capsys.readouterr() == ("", f"lull: {place} does not answer: Connection refused\n")
    with NameServer(lambda *_: []) as server:
        assert main(["query", "x.example", "--server", server.place]) == 3
    assert "did not answer in 0.05 seconds" in capsys.readouterr().err


def test_a_malformed_answer_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with NameServer(lambda query, _: [reply(query, counts=(1, 0, 0))]) as server:
        assert main(["query", "x.example", "--server", server.place]) == 3
    assert "malformed" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["a..b"], ["x", "AAAAA"], ["x", "--server", "ns:dns"], []])
def test_usage(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["query", *wrong]) == 2
    assert capsys.readouterr().err.startswith("usage: lull query ")
