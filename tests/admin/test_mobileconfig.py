"""Profiles for Apple's systems: what is in them, and that openssl and its signature agree."""

from __future__ import annotations

import asyncio
import pathlib
import plistlib
import shutil
import subprocess
from typing import Any

import pytest
from msgspec.structs import replace

from resolver import self_signed
from resolver.admin import mobileconfig
from resolver.admin.mobileconfig import Signer
from resolver.admin.setup import Reach
from resolver.errors import ApiError
from resolver.paths import SELF_SIGNED

REACH = Reach(
    addresses=("192.0.2.1",),
    others=(),
    name="dns.home.example",
    tls=True,
    url="https://dns.home.example/dns-query",
    trial=False,
    page="http://192.0.2.1:8080",
    home="",
    hidden=False,
    places=("192.0.2.1", "2001:db8::1"),
)


def read(reach: Reach) -> tuple[dict[str, Any], dict[str, Any]]:
    whole = plistlib.loads(mobileconfig.profile(reach))
    (payload,) = whole["PayloadContent"]
    return whole, payload


def test_https() -> None:
    whole, payload = read(REACH)
    assert (whole["PayloadType"], payload["PayloadType"]) == ("Configuration", "com.apple.dnsSettings.managed")
    assert payload["DNSSettings"] == {
        "DNSProtocol": "HTTPS",
        "ServerURL": "https://dns.home.example/dns-query",
        "ServerAddresses": ["192.0.2.1", "2001:db8::1"],
    }
    for piece in (whole, payload):
        assert {"PayloadIdentifier", "PayloadUUID", "PayloadVersion", "PayloadDisplayName"} <= piece.keys()
    assert whole["PayloadUUID"] != payload["PayloadUUID"]


def test_tls_alone() -> None:
    _, payload = read(replace(REACH, url=""))
    settings = payload["DNSSettings"]
    assert (settings["DNSProtocol"], settings["ServerName"]) == ("TLS", "dns.home.example")
    assert "ServerURL" not in settings


def test_away_from_home_it_is_not_in_force() -> None:
    _, payload = read(REACH)
    assert payload["OnDemandRules"] == [
        {"Action": "Connect", "URLStringProbe": "http://192.0.2.1:8080/healthz"},
        {"Action": "Disconnect"},
    ]
    assert "OnDemandRules" not in read(replace(REACH, page=""))[1]


def test_the_same_profile_is_the_same_and_replaces_the_one_before() -> None:
    assert mobileconfig.profile(REACH) == mobileconfig.profile(REACH)
    other = read(replace(REACH, name="other.example", url="https://other.example/dns-query"))[0]
    assert other["PayloadUUID"] == read(REACH)[0]["PayloadUUID"]


def test_there_is_none_without_anything_encrypted() -> None:
    with pytest.raises(ApiError) as error:
        mobileconfig.profile(replace(REACH, tls=False, url=""))
    assert error.value.status == 404


def test_names_are_data() -> None:
    hostile = 'x"><dict>&.example'
    assert read(replace(REACH, url="", name=hostile))[1]["DNSSettings"]["ServerName"] == hostile


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A certificate with its key, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    path = tmp_path_factory.mktemp("certificate") / "own.pem"
    self_signed.make(path, ["dns.home.example"])
    return path


def signed(made: bytes, *files: pathlib.Path | None) -> bytes | None:
    async def scenario() -> bytes | None:
        return await Signer().signed(made, *files)

    return asyncio.run(scenario())


def test_it_is_signed_where_that_can_be_done(certificate: pathlib.Path) -> None:
    made = mobileconfig.profile(REACH)
    command = ["openssl", "smime", "-verify", "-inform", "der", "-CAfile", str(certificate), "-purpose", "any"]
    told = subprocess.run(command, input=signed(made, certificate, None), capture_output=True, check=True)
    assert told.stdout == made


def test_it_is_signed_once(certificate: pathlib.Path) -> None:
    async def scenario() -> None:
        signer, made = Signer(), mobileconfig.profile(REACH)
        first = await signer.signed(made, certificate, None)
        assert first is not None
        assert await signer.signed(made, certificate, certificate) is first
        assert await signer.signed(made + b" ", certificate, None) not in {None, first}

    asyncio.run(scenario())


def test_it_is_not_signed_otherwise(
    certificate: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = mobileconfig.profile(REACH)
    bad, trial, locked = tmp_path / "bad.pem", tmp_path / SELF_SIGNED, tmp_path / "locked.pem"
    bad.write_text("no certificate")
    trial.write_bytes(certificate.read_bytes())
    command = ["openssl", "ec", "-in", str(certificate), "-aes128", "-passout", "pass:secret", "-out", str(locked)]
    subprocess.run(command, capture_output=True, check=True)
    for files in ((None, None), (bad, None), (tmp_path / "none.pem", None), (certificate, locked), (trial, None)):
        assert signed(made, *files) is None, files
    monkeypatch.setenv("PATH", str(tmp_path))
    assert signed(made, certificate, None) is None
