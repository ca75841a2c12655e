"""Schemathesis against the running admin: requests of every kind that its document allows, and that it does not.

LULL_SCHEMA_SECONDS says for how long (30 unless given).
"""

from __future__ import annotations

import asyncio
import logging
import os
import pathlib
import sys
from typing import Any

import msgspec
import pytest

from resolver.admin.routing import API
from resolver.config.known import Known
from resolver.config.load import parse
from resolver.config.schema import Config
from tests.admin.household import TOKEN, House, Opener
from tests.admin.parts import row
from tests.upstream.servers import closed_port

SECONDS = int(os.environ.get("LULL_SCHEMA_SECONDS", "30"))

HOME = """
upstreams: ["udp://127.0.0.1:{port}"]
lists: [{{id: ads, file: {lists}/ads.txt}}, {{id: starter, file: {lists}/starter.txt}}]
devices: {{tablet: {{mac: "02:00:00:00:00:01"}}}}
groups:
  default: {{}}
  kids: {{lists: [], clients: [tablet, 192.0.2.20], schedules: [bedtime]}}
schedules:
  bedtime: {{from: "21:00", to: "06:30", zone: Europe/Berlin, only: [school.example]}}
sites: [{{site: news.example, allow: [player.example.net]}}]
"""

CHECKS = """
[checks.positive_data_acceptance]
# not every text is a name, a duration or a device: that is refused, too, and says so
expected-statuses = ["2xx", "400", "403", "404", "409", "422", "429"]

[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429", "431"]
"""

LEFT_OUT = (
    "logstream-stream",  # which does not end
    "diagnose-whole",  # which takes its time
    "backup-backup",  # for which there must be a config file
    "backup-restore",  # which starts control again
)


def config(lists: pathlib.Path) -> Config:
    text = HOME.format(port=closed_port().port, lists=lists)
    return parse(text.encode(), lists / "lull.yaml", Known())


async def live_in(house: House) -> None:
    """Have something of everything there."""
    await house.journal([row("t.ads.example", count=3), row("www.example", "pass", client="192.0.2.20")])
    await house.api("POST", "rules", {"action": "deny", "name": "new.example"})
    await house.api("PUT", "clients/192.0.2.30", {"name": "phone"})
    await house.api("PUT", "sites/shop.example", {"allow": ["cdn.example.net"]})
    await house.api("POST", "tokens", {"name": "dashboard", "scopes": ["read"]})
    await house.add("kim")


async def schemathesis(house: House, directory: pathlib.Path) -> Any:
    """Its report. What it has to say is in the test's output."""
    (directory / "checks.toml").write_text(CHECKS)
    options = [f"--exclude-operation-id={one}" for one in LEFT_OUT]
    command = [
        str(pathlib.Path(sys.executable).with_name("schemathesis")),
        f"--config-file={directory / 'checks.toml'}",
        "run",
        f"{house.url}{API}/openapi.json",
        f"--url={house.url}",
        f"--header=Authorization: Bearer {TOKEN}",
        f"--max-time={SECONDS}",
        "--request-timeout=30",
        "--continue-on-failure",
        "--generation-database=none",
        "--no-color",
        "--report=json",
        f"--report-json-path={directory / 'report.json'}",
        *options,
    ]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=directory, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    print(said.decode())
    return msgspec.json.decode((directory / "report.json").read_bytes())


def test_the_admin_is_what_its_document_says(
    open_house: Opener, tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(house: House) -> None:
        await live_in(house)
        report = await schemathesis(house, tmp_path)
        cases, operations = report["test_cases"], report["operations"]
        assert report["failures"] == []
        assert (cases["errored"], cases["with_failures"]) == (0, 0)
        assert operations["tested"] == operations["selected"] == operations["total"] - len(LEFT_OUT)
        assert cases["generated"] > 1000
        assert (await house.get("/healthz")).status == 200

    open_house(scenario, config=config(open_house.lists))
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR] == []
