"""Callers and roles."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """What a person may do.

    A viewer reads; an operator also decides about held documents; an approver also approves what
    somebody else decided. Every role includes the ones before it.
    """

    VIEWER = "viewer"
    OPERATOR = "operator"
    APPROVER = "approver"

    def includes(self, other: Role) -> bool:
        """Whether who has this role may do what the other one may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True)
class Caller:
    """Somebody whose identity was proved. `name` goes into the audit trail of documents;
    `caller_id` is what logs say, because it names nobody to who has only the logs."""

    caller_id: str
    name: str
    role: Role


class Unauthenticated(Exception):
    """Nobody we know: the text is for the caller and says nothing about who exists."""


class Forbidden(Exception):
    """Somebody we know who may not do this."""

    def __init__(self, caller: Caller, needed: Role) -> None:
        super().__init__(f"this needs the role {needed.value}, yours is {caller.role.value}")
        self.caller = caller


class Authority(Protocol):
    """One way to prove who one is."""

    async def caller(self, token: str) -> Caller | None:
        """Who presents this bearer token; None when it is not one of this authority's.

        Raises Unauthenticated for one of its own that is not valid.
        """
        ...


class Concierge:
    """Knows who somebody is from the `Authorization` header, whoever vouches for them."""

    def __init__(self, *authorities: Authority) -> None:
        self._authorities = authorities

    async def admit(self, header: str, needed: Role) -> Caller:
        """The caller, if their role includes the needed one.

        Raises Unauthenticated and Forbidden, and what an authority raises that cannot be asked.
        """
        caller = await self._known(header)
        if not caller.role.includes(needed):
            raise Forbidden(caller, needed)
        return caller

    async def _known(self, header: str) -> Caller:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("send your token as `Authorization: Bearer TOKEN`")
        for authority in self._authorities:
            caller = await authority.caller(token.strip())
            if caller is not None:
                return caller
        raise Unauthenticated("this token is not valid")
