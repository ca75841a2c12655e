import asyncio
import secrets
import time

import pytest

from resolver.admin import passwords
from resolver.admin.passwords import Passwords, check
from resolver.errors import ApiError

GOOD = "correct horse battery"


def test_a_hash_is_argon2id_and_never_twice_the_same() -> None:
    async def scenario() -> None:
        hashing = Passwords()
        one, two = await hashing.hash(GOOD), await hashing.hash(GOOD)
        assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert one != two
        assert await hashing.is_right(GOOD, one)
        assert await hashing.is_right(GOOD, two)

    asyncio.run(scenario())


def test_what_is_wrong_is_wrong() -> None:
    async def scenario() -> None:
        hashing = Passwords()
        hash = await hashing.hash(GOOD)
        for wrong in ("", GOOD + " ", GOOD.upper(), "\udcff", "x" * 5000):
            assert not await hashing.is_right(wrong, hash)
        assert not await hashing.is_right(GOOD, None)
        assert not await hashing.is_right(GOOD, "no hash at all")

    asyncio.run(scenario())


def test_every_keyboard_types_the_same_password() -> None:
    async def scenario() -> None:
        hashing = Passwords()
        hash = await hashing.hash("Zo\u00eb's l\u00e4ptop")
        assert await hashing.is_right("Zoe\u0308's la\u0308ptop", hash)

    asyncio.run(scenario())


def test_nobody_signs_in_with_what_nobody_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "token_urlsafe", lambda: "what nobody has")

    async def scenario() -> None:
        hashing = Passwords()
        assert not await hashing.is_right("what nobody has", None)
        assert await hashing.is_right("what nobody has", hashing._nobody), "or the test shows nothing"

    asyncio.run(scenario())


def test_one_at_a_time_and_not_too_many_wait() -> None:
    async def scenario() -> None:
        hashing, under_way = Passwords(), list[int]()
        most = 0

        def work() -> None:
            nonlocal most
            under_way.append(1)
            most = max(most, len(under_way))
            time.sleep(0.005)
            under_way.pop()

        found = await asyncio.gather(*(hashing._run(work) for _ in range(40)), return_exceptions=True)
        refused = [one for one in found if isinstance(one, ApiError)]
        assert (len(found) - len(refused), most) == (passwords._WAITING, 1)
        assert {one.status for one in refused} == {503}
        await hashing._run(work)

    asyncio.run(scenario())


@pytest.mark.parametrize("password", [GOOD, "x9!kL2 v8z", "пароль из слов", "correct" * 30])
def test_passwords(password: str) -> None:
    check(password, "anna")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "10 characters or more"),
        ("nine char", "10 characters or more"),
        ("x" * 257, "at most 256"),
        ("aaaaaaaaaaaaa", "at least 5 different"),
        ("Anna-Katharina1!", "nobody guesses"),
        ("password2026!", "nobody guesses"),
        ("Password 123", "nobody guesses"),
    ],
)
def test_no_passwords(password: str, why: str) -> None:
    with pytest.raises(ApiError, match=why) as caught:
        check(password, "anna-katharina", "new")
    assert (caught.value.status, caught.value.path) == (400, "new")
