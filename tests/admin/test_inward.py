"""Lists by which somebody who may not write the config file would have this machine ask itself."""

from __future__ import annotations

import ipaddress

import pytest

from resolver.admin.inward import check
from resolver.errors import ApiError
from tests.admin.household import House, Opener

OUTWARD = "https://lists.example/ads.txt"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/metrics",
        "http://localhost/x",
        "http://sub.localhost/x",
        "http://[::1]/x",
        "http://[::ffff:127.0.0.1]/x",
        "http://2130706433/x",
        "http://169.254.169.254/latest/",
        "http://0.0.0.0/x",
    ],
)
def test_nobody_is_led_inward(url: str) -> None:
    value = ["ads", {"id": "outward", "url": OUTWARD}, {"id": "inward", "url": url}]
    with pytest.raises(ApiError) as caught:
        check(value, [], ())
    assert caught.value.status == 403
    assert str(caught.value).startswith('lists: "inward": url: it leads to ')
    check(value, [{"id": "inward", "url": url}], ())  # the file says so itself
    with pytest.raises(ApiError):
        check(value, [{"id": "another", "url": url}], ())


def test_what_may_be_reached() -> None:
    check([{"id": "mine", "url": "http://127.0.0.1/x"}], [], (ipaddress.ip_network("127.0.0.0/8"),))
    for value in (None, "balanced", [], [7, None, {"url": 7}], [{"id": "mine", "url": OUTWARD}], {"a": 1}):
        check(value, None, ())


def test_through_the_api_and_the_page(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        value = [{"id": "inward", "url": f"{house.url}/healthz"}]
        reply = await house.call("PUT", "/api/v1/choices/lists", json={"value": value})
        assert (reply.status, reply.error["code"]) == (403, "forbidden")
        browser = await house.sign_in()
        page = await browser.post("/lists/add", {"id": "inward", "url": f"{house.url}/healthz"})
        assert page.status == 403
        assert 'id="own-url-wrong"' in page.text
        assert [one.id for one in house.service.config.lists] == ["ads", "starter"]

    open_house(scenario)
