"""Persons who may open our doors, as both databases keep them."""

from __future__ import annotations

import asyncio

import pytest

from store.errors import NameTaken
from store.store import Store


async def test_a_person_is_found_by_id_with_name_and_role(store: Store) -> None:
    added = await store.persons.add("p1", "Ada Lovelace", "operator", "the-digest")
    assert await store.persons.find("p1") == added
    assert (added.name, added.role, added.digest) == ("Ada Lovelace", "operator", "the-digest")
    assert await store.persons.find("p2") is None


async def test_a_digest_is_not_shown(store: Store) -> None:
    added = await store.persons.add("p1", "Ada", "operator", "the-digest")
    assert "the-digest" not in repr(added)


async def test_a_revoked_person_is_not_found_but_stays_on_the_list(store: Store) -> None:
    await store.persons.add("p1", "Ada", "operator", "d")
    assert await store.persons.revoke("Ada")
    assert not await store.persons.revoke("Ada")
    assert await store.persons.find("p1") is None
    (person,) = await store.persons.everybody()
    assert person.revoked_at is not None


async def test_a_name_is_free_again_only_after_it_was_revoked(store: Store) -> None:
    await store.persons.add("p1", "Ada", "operator", "d")
    with pytest.raises(NameTaken) as refused:
        await store.persons.add("p2", "Ada", "viewer", "e")
    assert "Ada" not in str(refused.value)
    await store.persons.revoke("Ada")
    await store.persons.add("p2", "Ada", "viewer", "e")
    assert [p.role for p in await store.persons.everybody()] == ["operator", "viewer"]


async def test_of_two_who_add_one_name_together_one_wins(store: Store) -> None:
    adding = [store.persons.add(f"p{n}", "Ada", "viewer", "d") for n in range(2)]
    outcomes = await asyncio.gather(*adding, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NameTaken", "Person"]
