"""`lull diagnose`: the sentence first, what it rests on, and who is asked only by consent."""

from __future__ import annotations

import json
import pathlib
import re
import sys
from collections.abc import Callable

import msgspec
import pytest

from resolver.admin.diagnosebodies import Diagnosis, Network, Reached, Result, Said
from resolver.cli import main
from tests.commands.played import HOSTILE, JOB, Admin, Asked, done, failed, home, running

RESULT = Result(
    sentence="www.example is blocked by ads: ||example^.",
    finding="blocked",
    fine=False,
    advice="to allow it: lull allow www.example",
    command="lull allow www.example",
    beside=["Upstream udp://192.0.2.9 fails: no answer in 5 seconds."],
    verdict="block",
    rule="ads: ||example^",
    said=[
        Said("127.0.0.1:53", "own", "NOERROR", 0.4, ["0.0.0.0"], ede=["EDE 15 ads: ||example^"], agrees="different"),
        Said("udp://192.0.2.53", "upstream", "NOERROR", 12.3, ["192.0.2.80", "2001:db8::80"], [], True, agrees="same"),
        Said("udp://192.0.2.9", "upstream", "", 5000.0, failure="no answer in 5 seconds"),
        Said("tcp://192.0.2.53", "transport", "NOERROR", 15.0, ["192.0.2.81"] * 5, agrees="near"),
    ],
    reached=[
        Reached("192.0.2.80", 443, True, 20.0),
        Reached("192.0.2.80", 80, False, 21.0),
        Reached("2001:db8::80", 443, True, 1.0, "unreachable", "network is unreachable"),
    ],
    network=Network("192.0.2.1", "", True, ""),
)
FOUND = Diagnosis("www.example", "tablet", "kids", RESULT)


def played(found: Diagnosis = FOUND) -> Admin:
    return Admin({"POST diagnose": running(), f"GET jobs/{JOB}": done(found)})


def test_the_sentence_comes_first(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with played() as admin:
        assert main(["diagnose", "WWW.example.", "--client", "tablet", *home(tmp_path, admin)]) == 1
        body = {"name": "www.example", "client": "tablet", "also": [], "agreed": False}
        assert admin.asked[0] == Asked("POST", "diagnose", body)
        assert admin.asked[1].path == f"jobs/{JOB}?seconds=15.0"
    out, err = capsys.readouterr()
    assert err == ""
    assert [re.sub(" {2,}", " | ", line.strip()) for line in out.splitlines()] == [
        "www.example is blocked by ads: ||example^.",
        "to allow it: lull allow www.example",
        "besides: Upstream udp://192.0.2.9 fails: no answer in 5 seconds.",
        "",
        "www.example for tablet, group kids: block by ads: ||example^",
        "",
        "ASKED | SAYS | TIME | ADDRESSES",
        "127.0.0.1:53 | Lull itself | NOERROR | 0 ms | 0.0.0.0 | differs; EDE 15 ads: ||example^",
        "udp://192.0.2.53 | NOERROR | 12 ms | 192.0.2.80, 2001:db8::80 | agrees; validated",
        "udp://192.0.2.9 | no answer in 5 seconds | 5000 ms",
        "tcp://192.0.2.53 | same, by another way | NOERROR | 15 ms | 192.0.2.81, 192.0.2.81, 192.0.2.81, 192.0.2.81 … "
        "| agrees: other machines of the same site",
        "",
        "ADDRESS | PORT | TIME",
        "192.0.2.80 | 443 | 20 ms | answers, and its certificate is right",
        "192.0.2.80 | 80 | 21 ms | answers",
        "2001:db8::80 | 443 | 1 ms | network is unreachable",
        "",
        "the way out: IPv4 by 192.0.2.1, which is heard of, no IPv6",
    ]


def test_fine(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    fine = msgspec.structs.replace(RESULT, fine=True, sentence="The answer is fine.", reached=[], beside=[])
    network = Network("", "fe80::1", None, "there is none")
    fine = msgspec.structs.replace(fine, network=network, advice="")
    with played(msgspec.structs.replace(FOUND, client="", result=fine)) as admin:
        assert main(["diagnose", "www.example", *home(tmp_path, admin)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "The answer is fine."
    assert "www.example, group kids: block by ads: ||example^" in lines
    assert lines[-1] == "the way out: no IPv4, IPv6 by fe80::1; captive portal: there is none"


def test_consent_is_asked_for(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["diagnose", "www.example", "--ask-also", "203.0.113.53"]
    with played() as admin:
        options = home(tmp_path, admin)
        needed = "udp://203.0.113.53 is not configured here: it would learn that somebody asks for www.example"
        refusal = msgspec.json.encode({"error": {"code": "consent", "message": needed, "path": "also"}})
        admin.raw["POST diagnose"] = (409, refusal)
        assert main([*words, *options]) == 2  # nobody is there to say yes
        assert capsys.readouterr().err == f"lull: {needed}; give --yes if that is all right\n"
        for said in ("\n", "no\n", ""):
            monkeypatch.setattr(sys, "stdin", _Terminal(said))
            assert main([*words, *options]) == 2
        assert "Ask it all the same? [y/N]" in capsys.readouterr().err
        assert all(
            one.body == {"name": "www.example", "client": "", "also": ["203.0.113.53"], "agreed": False}
            for one in admin.asked
        )
        monkeypatch.setattr(sys, "stdin", _Terminal("y\n", admin.raw.clear))
        assert main([*words, *options]) == 1
        agreed = {"name": "www.example", "client": "", "also": ["203.0.113.53"], "agreed": True}
        assert admin.asked[-2] == Asked("POST", "diagnose", agreed)
        admin.asked.clear()
        assert main([*words, "--yes", *options]) == 1
        assert admin.asked[0] == Asked("POST", "diagnose", agreed)


class _Terminal:
    """Somebody who types a line; `meanwhile` happens when it is read."""

    def __init__(self, line: str, meanwhile: Callable[[], object] = str) -> None:
        self._line = line
        self._meanwhile = meanwhile

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        self._meanwhile()
        return self._line


def test_a_diagnosis_that_failed(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"POST diagnose": running(), f"GET jobs/{JOB}": failed("it failed: no luck")}) as admin:
        assert main(["diagnose", "www.example", *home(tmp_path, admin)]) == 4
    assert capsys.readouterr().err == "lull: it failed: no luck\n"


def test_json_and_hostile_text(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(HOSTILE, HOSTILE, "", 1.0, [HOSTILE], [HOSTILE], False, [HOSTILE], HOSTILE, HOSTILE)
    hostile = msgspec.structs.replace(
        RESULT,
        sentence=HOSTILE,
        advice=HOSTILE,
        beside=[HOSTILE],
        rule=HOSTILE,
        said=[said],
        reached=[Reached(HOSTILE, 1, True, 1.0, HOSTILE, HOSTILE)],
        network=Network(HOSTILE, HOSTILE, None, HOSTILE),
    )
    found = msgspec.structs.replace(FOUND, name=HOSTILE, client=HOSTILE, group=HOSTILE, result=hostile)
    with played(found) as admin:
        options = home(tmp_path, admin)
        assert main(["diagnose", "www.example", *options]) == 1
        assert all(line.isprintable() for line in capsys.readouterr().out.splitlines())
        assert main(["diagnose", "www.example", "--json", *options]) == 1
    assert msgspec.convert(json.loads(capsys.readouterr().out), Diagnosis) == found
