"""/metrics of a running admin."""

from __future__ import annotations

import re

from resolver import __version__
from tests.admin.household import House, Opener
from tests.admin.parts import NOON, UPSTREAM, row
from tests.admin.scraping import families, scrape

UNITS = ("_seconds", "_bytes", "_ratio", "_fds", "_info")


def test_it_is_as_prometheus_wants_it(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example"), row("www.example", "pass")])
        found = await families(house)
        names = [family.name for family in found]
        assert len(names) == len(set(names)) > 50
        for family in found:
            assert re.fullmatch(r"lull_[a-z0-9_]+", family.name)
            assert re.fullmatch(r"[A-Z].*[^.]", family.documentation), family.name
            assert family.type in {"counter", "gauge", "histogram", "summary"}
            if family.type == "counter":
                assert all(sample.name == f"{family.name}_total" for sample in family.samples)
            elif family.type == "gauge":
                assert not family.name.endswith(("_total", "_count", "_sum", "_bucket"))
            assert not re.search(r"_(ms|us|milliseconds|kb|mb|percent)(_|$)", family.name)
            seen = [(sample.name, tuple(sorted(sample.labels.items()))) for sample in family.samples]
            assert len(seen) == len(set(seen)), family.name
        timed = [family for family in found if "second" in family.documentation.lower() and family.type != "counter"]
        assert all(family.name.endswith(UNITS) for family in timed if family.type in {"histogram", "summary"})

    open_house(scenario)


def test_what_is_counted(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example", count=3), row("x.ads.example"), row("www.example", "pass")])
        found = await scrape(house)
        assert found["lull_queries_total", ("local", "block")] == 4
        assert found["lull_queries_total", ("local", "pass")] == 1
        assert found["lull_questions_total", ("A",)] == 5
        assert found["lull_responses_total", ("NOERROR",)] == 5
        assert found["lull_blocked_total", ("ads",)] == 4
        assert found["lull_response_seconds_bucket", ("0.001", "local")] == 5
        assert found["lull_response_seconds_bucket", ("+Inf", "local")] == 5
        assert found["lull_response_seconds_count", ("local",)] == 5
        assert round(found["lull_response_seconds_sum", ("local",)], 6) == 0.00045
        assert found["lull_journal_rows_written_total", ()] == 3
        assert found["lull_journal_dropped_queries_total", ("worker",)] == 0
        assert found["lull_journal_dropped_queries_total", ("control",)] == 0
        await house.journal([row("t.ads.example")])
        assert (await scrape(house))["lull_queries_total", ("local", "block")] == 5

    open_house(scenario)


def test_how_things_are(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        found = await scrape(house)
        assert found["lull_up", ()] == 1
        assert found["lull_store_up", ()] == 1
        assert found["lull_store_state", ("ok",)] == 1
        assert found["lull_store_state", ("full",)] == 0
        assert found["lull_bundle_generation", ()] == 1
        assert found["lull_bundle_created_timestamp_seconds", ()] == NOON
        assert found["lull_bundle_failing", ()] == 0
        assert found["lull_bundle_names", ()] == 3
        assert found["lull_start_time_seconds", ()] == NOON
        assert found["lull_build_info", (__version__,)] == 1
        assert found["lull_devices", ()] == 0
        assert found["lull_jobs", ("running",)] == 0
        assert found["lull_admin_requests_in_flight", ()] == 1, "this one"
        assert (await scrape(house))["lull_admin_requests_total", ("2xx",)] >= 1
        assert (await house.get("/nothing")).status == 404
        assert (await scrape(house))["lull_admin_requests_total", ("4xx",)] == 1

    open_house(scenario)


def test_workers_and_upstreams(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        found = await scrape(house)
        assert found["lull_workers", ()] == 1
        assert found["lull_workers_configured", ()] == 1
        assert found["lull_worker_answered_total", ("1",)] == 42
        assert found["lull_worker_unsent_total", ("1",)] == 3
        assert found["lull_worker_bundle_generation", ("1",)] == 1
        assert found["lull_cache_hits_total", ("answers", "1")] == 30
        assert found["lull_cache_misses_total", ("rrsets", "1")] == 7
        assert found["lull_cache_stale_total", ("rrsets", "1")] == 2
        assert found["lull_cache_entries", ("answers", "1")] == 6
        assert found["lull_cache_bytes", ("rrsets", "1")] == 4096
        assert found["lull_cache_evictions_total", ("rrsets", "1")] == 1
        assert found["lull_upstream_up", (UPSTREAM,)] == 1
        assert found["lull_upstream_doubtful", (UPSTREAM,)] == 0
        assert found["lull_upstream_response_seconds", ("0.5", UPSTREAM)] == 0.011
        assert found["lull_upstream_response_seconds", ("0.95", UPSTREAM)] == 0.031
        assert found["lull_upstream_response_seconds_count", (UPSTREAM,)] == 5
        assert found["lull_upstream_response_seconds_sum", (UPSTREAM,)] == 0.25
        assert found["lull_upstream_asked_total", (UPSTREAM,)] == 7
        assert found["lull_upstream_failed_total", (UPSTREAM,)] == 2
        await house.say_health(up=False)
        found = await scrape(house)
        assert found["lull_up", ()] == 0
        assert found["lull_upstream_up", (UPSTREAM,)] == 0

    open_house(scenario)


def test_lists(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        found = await scrape(house)
        assert found["lull_list_rules", ("ads",)] == 2
        assert found["lull_list_skipped_lines", ("ads",)] == 1
        assert found["lull_list_failing", ("ads",)] == 0
        assert found["lull_list_refused", ("ads",)] == 0
        assert found["lull_list_checked_timestamp_seconds", ("ads",)] == NOON
        assert found["lull_list_fetched_timestamp_seconds", ("ads",)] == NOON

    open_house(scenario)


def test_processes(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        found = await scrape(house)
        assert found["lull_process_resident_memory_bytes", ("control",)] > 1 << 20
        assert found["lull_process_cpu_seconds_total", ("control",)] > 0
        assert 0 < found["lull_process_open_fds", ("control",)] < found["lull_process_max_fds", ("control",)]
        assert ("lull_process_open_fds", ("worker-1",)) not in found, "there is no process of that number"

    open_house(scenario)


def test_the_database_is_not_asked(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example")])
        house.parts.database.close()
        await house.say_health()
        found = await scrape(house)
        assert found["lull_queries_total", ("local", "block")] == 1
        assert found["lull_list_rules", ("ads",)] == 2

    open_house(scenario)


def test_no_name_and_no_client_is_a_label(open_house: Opener) -> None:
    hostile = ('quoted"}.private.example', "line\\010feed.private.example", "lull_up 1\n.private.example", "private")

    async def scenario(house: House) -> None:
        before = {sample.name for family in await families(house) for sample in family.samples}
        await house.journal([row(name, client="192.0.2.77", via="private.ads.example") for name in hostile])
        await house.journal([row(name, "pass", client="private", shadow=f"ads: ||{name}^") for name in hostile])
        await house.api("POST", "rules", {"action": "deny", "name": "private.example", "client": "192.0.2.77"})
        await house.api("POST", "pause", {"for": "10m", "client": "192.0.2.77"})
        text = (await house.get("/metrics")).text
        for word in ("private", "quoted", "192.0.2.77"):
            assert word not in text
        after = {sample.name for family in await families(house) for sample in family.samples}
        counted = {"lull_queries", "lull_questions", "lull_responses", "lull_blocked", "lull_response_seconds"}
        assert {name for name in after - before if not name.startswith(tuple(counted))} == set()

    open_house(scenario)
