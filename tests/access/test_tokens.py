"""Personal tokens: made once, known by a digest, refused without a hint."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.persons import Person
from workers.access.callers import Caller, Concierge, Forbidden, Role, Unauthenticated
from workers.access.tokens import PersonalTokens, mint


@dataclass
class Known:
    """Persons in a dictionary, as the store would find them."""

    persons: dict[str, Person] = field(default_factory=dict)

    async def find(self, person_id: str) -> Person | None:
        return self.persons.get(person_id)

    def add(self, role: Role) -> str:
        new = mint()
        person = Person(new.person_id, "Ada", role.value, datetime.now(UTC), None, new.digest)
        self.persons[new.person_id] = person
        return new.token


async def test_a_token_names_its_person_and_role() -> None:
    known = Known()
    token = known.add(Role.OPERATOR)
    caller = await PersonalTokens(known).caller(token)
    assert caller == Caller(token.split("_")[1], "Ada", Role.OPERATOR)


async def test_the_store_never_has_the_token_itself() -> None:
    new = mint()
    secret = new.token.split("_", 2)[2]
    assert secret not in new.digest
    assert secret not in repr(new)


async def test_neither_a_wrong_secret_nor_an_unknown_person_is_let_in() -> None:
    known = Known()
    token, stranger = known.add(Role.VIEWER), mint().token
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")
    texts = set()
    for wrong in (changed, stranger, "tieout_", token + "x", token.upper()):
        with pytest.raises(Unauthenticated) as refused:
            await Concierge(PersonalTokens(known)).admit(f"Bearer {wrong}", Role.VIEWER)
        texts.add(str(refused.value))
    assert texts == {"this token is not valid"}


@given(st.text(max_size=80))
async def test_no_header_but_a_valid_one_opens(header: str) -> None:
    with pytest.raises(Unauthenticated):
        await Concierge(PersonalTokens(Known())).admit(header, Role.VIEWER)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("needed", Role)
async def test_a_role_includes_the_ones_before_it(role: Role, needed: Role) -> None:
    known = Known()
    admitting = Concierge(PersonalTokens(known)).admit(f"Bearer {known.add(role)}", needed)
    if list(Role).index(role) >= list(Role).index(needed):
        assert (await admitting).role is role
    else:
        with pytest.raises(Forbidden, match=f"needs the role {needed.value}"):
            await admitting
