"""The customer of a document: found, or created once, or held. Never a second one."""

from __future__ import annotations

from dataclasses import dataclass

from activities.posting import Poster
from connectors.ports import TargetPort
from documents.customer import Customer, Existence, TargetCustomer
from documents.hold import Hold, HoldClass, HoldRequired
from documents.key import Key, Kind
from mapping.mapper import Mapper


@dataclass(frozen=True)
class CustomerDesk:
    """Matches by stored reference, then in the order of the mapping; creates or holds."""

    poster: Poster
    mapper: Mapper

    async def client(self, party_id: str) -> Customer:
        """The client of a document. HoldRequired when it is deleted or missing."""
        client = await self.poster.connection.source.customer(party_id)
        if client is None or client.existence is Existence.DELETED:
            raise HoldRequired(_client_gone(party_id))
        return client

    @property
    def _target(self) -> TargetPort:
        return self.poster.connection.target

    async def upsert(self, party_id: str, chosen: str = "") -> tuple[TargetCustomer, str]:
        """The target's customer of a client, and how it was found; `chosen` is the number that a
        person named. Raises HoldRequired."""
        client = await self.client(party_id)
        found, how = await self._stated(client, chosen)
        if found is None:
            found, how = await self._claim(client)
        if found is None:
            return await self._create(client), "created"
        refuse_blocked(found, "Invoice", "All")
        updated = await self._update(client, found)
        await self._remember(client, found.number)
        return found, f"matched by {how}{updated}"

    async def known(self, party_id: str) -> TargetCustomer:
        """The target's customer of a client, found and never made. Raises HoldRequired."""
        client = await self.client(party_id)
        found, _ = await self._found(client)
        if found is None:
            raise HoldRequired(_missing(client))
        return found

    async def find(self, client: Customer) -> TargetCustomer | None:
        """The customer that a document of this client would be posted for; None for one that
        would be created. Nothing is made or changed; raises HoldRequired as `upsert` does."""
        found, _ = await self._found(client)
        if found is None and self.mapper.customer_when_missing == "hold":
            raise HoldRequired(_missing(client))
        if found is not None:
            refuse_blocked(found, "Invoice", "All")
        return found

    async def _found(self, client: Customer) -> tuple[TargetCustomer | None, str]:
        found, how = await self._stated(client, "")
        return (found, how) if found else await self._match(client)

    async def _stated(self, client: Customer, chosen: str) -> tuple[TargetCustomer | None, str]:
        """What a person said, now or earlier, or we did: nothing is searched for."""
        if chosen:
            return await self._named(chosen), "a person's correction"
        return await self._by_reference(client.source_id), "stored reference"

    async def _claim(self, client: Customer) -> tuple[TargetCustomer | None, str]:
        """Match, and remember it before anybody else may match: of two clients that one customer
        fits, only the first takes it."""
        async with self.poster.store.leases.hold(f"customers/{self.poster.connection.name}"):
            found, how = await self._match(client)
            if found is not None:
                refuse_blocked(found, "Invoice", "All")
                await self._remember(client, found.number)
            return found, how

    async def _named(self, number: str) -> TargetCustomer:
        found = await self._target.find_customers(number=number)
        if not found:
            raise HoldRequired(_unknown_number(number))
        return found[0]

    async def _by_reference(self, party_id: str) -> TargetCustomer | None:
        name = self.poster.connection.name
        reference = await self.poster.store.references.get(name, Kind.CUSTOMER, party_id)
        if reference is None:
            return None
        found = await self._target.find_customers(number=reference.target_number)
        return found[0] if found else None

    async def _match(self, client: Customer) -> tuple[TargetCustomer | None, str]:
        questions = {
            "reference": {"key": self._key(client).text()},
            "email": {"email": client.email},
            "name": {"name": client.name},
        }
        for how in ("reference", *(h for h in self.mapper.customer_match if h != "reference")):
            if not all(questions[how].values()):
                continue
            found = await self._free(client, await self._target.find_customers(**questions[how]))
            if len(found) > 1:
                raise HoldRequired(_several(how, found))
            if found:
                return found[0], how
        return None, ""

    async def _free(self, client: Customer, found: list[TargetCustomer]) -> list[TargetCustomer]:
        """Without those that stand for another client: people share names and e-mail addresses,
        only the client's id tells them apart."""
        return [c for c in found if not await self._is_of_another(client, c)]

    async def _is_of_another(self, client: Customer, found: TargetCustomer) -> bool:
        key = Key.read(found.key)
        if key is not None and key.kind is Kind.CUSTOMER:
            return key != self._key(client)
        partners = await self.poster.store.references.by_target(
            self.poster.connection.name, Kind.CUSTOMER, found.number
        )
        return any(partner.source_id != client.source_id for partner in partners)

    async def _create(self, client: Customer) -> TargetCustomer:
        if self.mapper.customer_when_missing == "hold":
            raise HoldRequired(_missing(client))
        key = self._key(client)
        record = self.mapper.map_customer(client, key)
        created = await self.poster.create_customer(key, record)
        await self._remember(client, created.number)
        return created

    async def _update(self, client: Customer, found: TargetCustomer) -> str:
        if await self._is_of_another(client, found):
            return ", left as it is: another client has it too"
        record = self.mapper.map_customer_update(client, found)
        if record is None:
            return ""
        await self._target.update_customer(found.number, record)
        return f", updated {', '.join(sorted(record.header))}"

    async def _remember(self, client: Customer, number: str) -> None:
        name = self.poster.connection.name
        await self.poster.store.references.put(
            name, Kind.CUSTOMER, client.source_id, client.source_id, number
        )

    def _key(self, client: Customer) -> Key:
        return self.poster.connection.key(Kind.CUSTOMER, client.source_id)


def refuse_blocked(found: TargetCustomer, *blocks: str) -> None:
    """HoldRequired when a customer is blocked in one of these ways."""
    if found.blocked in blocks:
        raise HoldRequired(
            Hold(
                cause="customer-blocked",
                hold_class=HoldClass.SETUP,
                reason=f"Customer {found.number} is blocked for {found.blocked} in the target.",
                remedy="Unblock the customer in the target, then retry.",
                values={"customer": found.number, "blocked": found.blocked},
            )
        )


def _unknown_number(number: str) -> Hold:
    return Hold(
        cause="customer-unknown",
        hold_class=HoldClass.DATA,
        reason=f"The target has no customer {number}, which a person named for this document.",
        remedy="Correct with customer=NUMBER of an existing customer.",
        values={"customer": number},
    )


def _client_gone(party_id: str) -> Hold:
    return Hold(
        cause="client-deleted",
        hold_class=HoldClass.DATA,
        reason=f"Client {party_id} of this document is deleted or missing in FreshBooks.",
        remedy="Restore the client, or give the invoice to another client, in FreshBooks.",
        values={"client": party_id},
    )


def _several(how: str, found: list[TargetCustomer]) -> Hold:
    numbers = ", ".join(customer.number for customer in found)
    return Hold(
        cause="customer-ambiguous",
        hold_class=HoldClass.DATA,
        reason=f"{len(found)} customers of the target have the same {how}: {numbers}.",
        remedy="Correct the customers in the target, or correct with customer=NUMBER.",
        values={"matched by": how, "customers": numbers},
    )


def _missing(client: Customer) -> Hold:
    return Hold(
        cause="customer-missing",
        hold_class=HoldClass.SETUP,
        reason=f"No customer of the target matches client {client.source_id}.",
        remedy="Create the customer in the target, or correct with customer=NUMBER.",
        values={"client": client.source_id},
    )
