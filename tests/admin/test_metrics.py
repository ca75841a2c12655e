"""/metrics, read back with the parser that comes with the format."""

from prometheus_client.parser import text_string_to_metric_families

from resolver import __version__
from tests.admin.household import House, Opener
from tests.admin.parts import NOON, UPSTREAM, row

Samples = dict[tuple[str, tuple[str, ...]], float]
"""Values by name and labels' values, in the order of the labels' names."""


async def scrape(house: House) -> Samples:
    reply = await house.get("/metrics")
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = {}
    for family in text_string_to_metric_families(reply.text):
        assert family.name.startswith("lull_")
        assert family.documentation
        for sample in family.samples:
            found[sample.name, tuple(value for _, value in sorted(sample.labels.items()))] = sample.value
    return found


def test_what_is_counted(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example", count=3), row("x.ads.example"), row("www.example", "pass")])
        found = await scrape(house)
        assert found["lull_queries_total", ("local", "block")] == 4
        assert found["lull_queries_total", ("local", "pass")] == 1
        assert found["lull_journal_rows_total", ()] == 3
        assert found["lull_journal_dropped_total", ()] == 0
        await house.journal([row("t.ads.example")])
        assert (await scrape(house))["lull_queries_total", ("local", "block")] == 5

    open_house(scenario)


def test_how_things_are(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        found = await scrape(house)
        assert found["lull_up", ()] == 1
        assert found["lull_store_up", ()] == 1
        assert found["lull_bundle_generation", ()] == 1
        assert found["lull_bundle_names", ()] == 3
        assert found["lull_list_rules", ("ads",)] == 2
        assert found["lull_list_skipped_lines", ("ads",)] == 1
        assert found["lull_list_failing", ("ads",)] == 0
        assert found["lull_worker_answered_total", ("1",)] == 42
        assert found["lull_upstream_up", (UPSTREAM,)] == 1
        assert found["lull_upstream_latency_seconds", (UPSTREAM,)] == 0.0125
        assert found["lull_upstream_asked_total", (UPSTREAM,)] == 7
        assert found["lull_upstream_failed_total", (UPSTREAM,)] == 2
        assert found["lull_start_time_seconds", ()] == NOON
        assert found["lull_build_info", (__version__,)] == 1
        await house.say_health(up=False)
        found = await scrape(house)
        assert found["lull_up", ()] == 0
        assert found["lull_upstream_up", (UPSTREAM,)] == 0

    open_house(scenario)


def test_counts_stay_when_the_database_cannot_be_read(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example")])
        assert (await scrape(house))["lull_queries_total", ("local", "block")] == 1
        house.parts.database.close()
        assert (await scrape(house))["lull_queries_total", ("local", "block")] == 1

    open_house(scenario)


def test_no_name_and_no_client_is_a_label(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("private.ads.example", client="192.0.2.77", via="hidden.ads.example")])
        text = (await house.get("/metrics")).text
        assert "private" not in text
        assert "hidden" not in text
        assert "192.0.2.77" not in text

    open_house(scenario)
