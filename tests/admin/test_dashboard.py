"""The dashboard and the alerts that ship with Lull speak of what /metrics really tells, and are what Grafana and
Prometheus read."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from resolver.paths import shipped
from tests.admin.household import House, Opener
from tests.admin.parts import row
from tests.admin.promql import spoken
from tests.admin.scraping import families

DASHBOARD = shipped("config", "examples", "grafana", "lull.json")
ALERTS = shipped("config", "examples", "prometheus", "alerts.yml")
SCRAPE = shipped("config", "examples", "prometheus", "scrape.yml")

Told = dict[str, dict[str, set[str]]]
"""Of each metric its labels, and their values."""

_GIVEN = {"instance", "job"}  # by Prometheus itself
_DURATION = re.compile(r"\d+[smhd]")


def _dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DASHBOARD.read_text())
    return found


def _rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(ALERTS.read_text())["groups"]
    assert set(group) == {"name", "rules"}
    return list(group["rules"])


def _targets() -> Iterator[tuple[str, dict[str, Any]]]:
    for panel in _dashboard()["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target


async def _told(house: House) -> Told:
    """With rows of every kind that the expressions ask for."""
    failed = row("failed.example", "pass")
    exchange = type(failed.exchange)("failed.example", 28, 2, "upstream", "pass")
    await house.journal([row("t.ads.example"), type(failed)("192.0.2.1", "default", exchange, 1, 900)])
    await house.get("/nothing")
    told: Told = defaultdict(lambda: defaultdict(set))
    for family in await families(house):
        for sample in family.samples:
            told[sample.name].update()
            for label, value in sample.labels.items():
                told[sample.name][label].add(value)
    return told


def _check(expression: str, shown: set[str], told: Told) -> None:
    """That an expression speaks of what there is; `shown` are the labels that stand in the text beside it."""
    found = spoken(expression)
    assert found.metrics, expression
    labels = set(_GIVEN)
    for metric, matched in found.metrics:
        assert metric in told, f"{metric} is not told: {expression}"
        assert matched.keys() <= told[metric].keys() | _GIVEN, expression
        for label, value in matched.items():
            assert value is None or value in told[metric][label], f"{label} is never {value}: {expression}"
        labels |= told[metric].keys()
    assert found.grouped <= labels, expression
    assert shown <= (found.grouped or labels), f"{shown} of {expression}"


def test_expressions_speak_of_what_is_told(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        told = await _told(house)
        for _, target in _targets():
            _check(target["expr"], set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])), told)
        for rule in _rules():
            text = " ".join(rule["annotations"].values())
            _check(rule["expr"], set(re.findall(r"\$labels\.(\w+)", text)), told)
        for variable in _dashboard()["templating"]["list"][1:]:
            assert re.fullmatch(r"label_values\((\w+), instance\)", variable["definition"])[1] in told  # type: ignore[index]

    open_house(scenario)


def test_most_of_what_is_told_is_shown(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        text = DASHBOARD.read_text() + ALERTS.read_text()
        quiet = {"lull_build_info", "lull_pauses", "lull_devices", "lull_devices_named", "lull_bundle_names"}
        missing = {name for family in await families(house) if (name := family.name) not in text} - quiet
        assert len(missing) <= 12, missing

    open_house(scenario)


def test_the_dashboard_has_what_grafana_needs() -> None:
    found = _dashboard()
    assert found["id"] is None, "Grafana gives it"
    assert (found["uid"], found["title"]) == ("lull", "Lull")
    assert found["schemaVersion"] >= 36
    assert {"panels", "templating", "time", "refresh", "timezone", "tags", "annotations"} <= found.keys()
    names = [one["name"] for one in found["templating"]["list"]]
    assert names == ["datasource", "instance"]
    assert (
        found["templating"]["list"][0] | {"type": "datasource", "query": "prometheus"} == found["templating"]["list"][0]
    )
    ids = [panel["id"] for panel in found["panels"]]
    assert len(ids) == len(set(ids)) > 20
    for panel in found["panels"]:
        assert panel["type"] in {"row", "stat", "timeseries", "state-timeline", "bargauge"}
        assert panel["title"]
        assert panel["type"] == "row" or panel["targets"]
        for target in panel.get("targets", []):
            assert target["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        letters = [target["refId"] for target in panel.get("targets", [])]
        assert letters == sorted(set(letters))


def test_panels_do_not_lie_over_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in _dashboard()["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24, panel["title"]
        assert not taken & cells, panel["title"]
        taken |= cells


def test_alerts_are_what_prometheus_reads() -> None:
    names = [rule["alert"] for rule in _rules()]
    assert len(names) == len(set(names)) >= 12
    for rule in _rules():
        assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
        assert re.fullmatch(r"Lull[A-Za-z]+", rule["alert"])
        assert _DURATION.fullmatch(rule.get("for", "1m"))
        assert rule["labels"] == {"severity": rule["labels"]["severity"]}
        assert rule["labels"]["severity"] in {"info", "warning", "critical"}
        assert set(rule["annotations"]) == {"summary", "description"}
        for text in rule["annotations"].values():
            left = re.sub(r"\{\{ \$(labels\.\w+|value( \| humanize(Percentage|Duration)?)?) \}\}", "", text)
            assert "{{" not in left
            assert "$" not in left


def test_the_scrape_config_reads_the_alerts_with_a_token() -> None:
    found = yaml.safe_load(SCRAPE.read_text())
    (job,) = found["scrape_configs"]
    assert job["job_name"] == "lull"
    assert job["authorization"]["credentials_file"].startswith("/")
    assert job.get("metrics_path", "/metrics") == "/metrics"
    assert found["rule_files"]


@pytest.mark.parametrize(
    "expression", ["sum(rate(x[5m])", "rate", "nothing(x)", "x{a=1}", "x{a}", "rate(x[5 minutes])", "x ? y"]
)
def test_what_is_no_expression_is_told(expression: str) -> None:
    with pytest.raises(ValueError):
        spoken(expression)
