"""Tokens, by the header and the address that it comes from."""

from __future__ import annotations

import pytest

from resolver.admin import tries
from resolver.admin.accountbodies import NewToken, Scope
from resolver.admin.auth import Access
from resolver.admin.bearers import Bearers
from resolver.admin.principal import ROOT, Principal
from resolver.admin.tries import Wait
from resolver.errors import ApiError
from tests.admin.household import TOKEN, House, Opener
from tests.admin.parts import NOON

HERE, THERE = "192.0.2.1", "192.0.2.2"


def bearers(house: House) -> Bearers:
    entrance = house.service.entrance
    return Bearers(entrance.accounts, Access(TOKEN), entrance.tries)


async def make(house: House, *scopes: Scope, lasts: int | None = None) -> str:
    tokens = house.service.entrance.tokens
    return (await tokens.make(NewToken("x", list(scopes), lasts), ROOT, "a test")).token


def test_whose_a_token_is(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        known = bearers(house)
        assert await known.whose(f"Bearer {TOKEN}", HERE) is ROOT
        made = await make(house, "log", "read")
        found = await known.whose(f"bearer  {made} ", HERE)
        assert found == Principal("x", "token", frozenset({"read", "log"}))
        (info,) = await house.service.entrance.tokens.every()
        assert info.seen == NOON

    open_house(scenario)


def test_a_token_of_everything_has_no_device(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        found = await bearers(house).whose(f"Bearer {await make(house, 'admin')}", HERE)
        assert found.scopes == {"read", "log", "write", "admin"}

    open_house(scenario)


def test_an_expired_token(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        header = f"Bearer {await make(house, 'read', lasts=60)}"
        house.clock.now += 59
        await bearers(house).whose(header, HERE)
        house.clock.now += 1
        with pytest.raises(ApiError, match="the token x has expired") as caught:
            await bearers(house).whose(header, HERE)
        assert caught.value.status == 401

    open_house(scenario)


def test_guessing_makes_an_address_wait_and_no_other(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        known = bearers(house)
        for number in range(tries.FREE):
            with pytest.raises(ApiError, match="none that is good here"):
                await known.whose(f"Bearer guess-{number}", HERE)
        with pytest.raises(Wait):
            await known.whose("Bearer one-more-guess", HERE)
        with pytest.raises(Wait):
            await known.whose(f"Bearer {TOKEN}", HERE)
        assert await known.whose(f"Bearer {TOKEN}", THERE) is ROOT
        house.clock.now += 1
        assert await known.whose(f"Bearer {TOKEN}", HERE) is ROOT

    open_house(scenario)


def test_who_was_right_there_before_is_not_kept_out_by_guesses(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        known = bearers(house)
        await known.whose(f"Bearer {TOKEN}", HERE)
        for number in range(100):
            with pytest.raises(ApiError):
                await known.whose(f"Bearer guess-{number}", HERE)
        assert await known.whose(f"Bearer {TOKEN}", HERE) is ROOT

    open_house(scenario)


def test_an_old_token_over_and_over_makes_nobody_wait(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        known = bearers(house)
        for _ in range(100):
            with pytest.raises(ApiError, match="none that is good here"):
                await known.whose("Bearer of-last-year", HERE)
        assert await known.whose(f"Bearer {TOKEN}", HERE) is ROOT

    open_house(scenario)


def test_the_token_of_the_command_needs_no_database(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.parts.database.close()
        house.parts.accounts.picture = None
        known = bearers(house)
        assert await known.whose(f"Bearer {TOKEN}", HERE) is ROOT
        with pytest.raises(ApiError, match="the database cannot be read") as caught:
            await known.whose("Bearer another-token-of-somebody", HERE)
        assert caught.value.status == 503

    open_house(scenario)
