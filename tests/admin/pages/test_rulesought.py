import pytest

from resolver.admin.pages.rulesought import Sought, scope_of, scopes_of, sought
from resolver.admin.rulebodies import RuleInfo


def rule(name: str = "x.example", *, client: str = "", group: str = "", hits: int = 0) -> RuleInfo:
    return RuleInfo(1, "deny", name, client, group, None, "", 0.0, "api", hits=hits)


def test_what_is_looked_for_is_in_the_address_and_back() -> None:
    looked = Sought("a&b=c", "deny", "group:kids", "unused")
    address = looked.address("/rules", 50)
    assert address == "/rules?find=a%26b%3Dc&action=deny&scope=group%3Akids&state=unused&from=50"
    assert Sought().address("/rules") == "/rules"


@pytest.mark.parametrize("query", [{"action": "dance"}, {"state": "odd?"}, {"find": "   "}, {}])
def test_what_means_nothing_is_left_out(query: dict[str, str]) -> None:
    assert sought(query) == Sought()


def test_one_scope_is_not_another_of_the_same_name() -> None:
    assert scope_of(rule(client="kids")) != scope_of(rule(group="kids"))
    assert not Sought(scope="group:kids").fits(rule(client="kids"))
    assert Sought(scope="devices").fits(rule(client="kids"))
    assert not Sought(scope="devices").fits(rule(group="kids"))


def test_unused_is_what_never_decided() -> None:
    assert Sought(state="unused").fits(rule())
    assert not Sought(state="unused").fits(rule(hits=1))


def test_scopes_are_not_more_than_a_page_has_room_for() -> None:
    rules = [rule(client=f"device {number:04}") for number in range(1000)]
    assert len(scopes_of(rules, ["default", "kids"])) == 53
