"""What a request may enter: the companies of its user."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from sandbox.nav.company import Company
from sandbox.nav.errors import NavError
from sandbox.settings import NavCompany


def rejected() -> NavError:
    """Wrong or missing credentials."""
    return NavError(
        "Authentication_InvalidCredentials",
        "The server has rejected the client credentials.",
        401,
    )


class Companies:
    """The companies of the instance and who may enter each."""

    def __init__(self, companies: Mapping[str, Company], users: list[NavCompany]) -> None:
        self._companies = companies
        self._users = users

    def names(self, user: str) -> list[str]:
        """The companies a user may enter."""
        return [one.name for one in self._users if one.username == user]

    def verify(self, user: str, password: str) -> bool:
        """True if the user exists and this is the password or web service key."""
        return any(
            one.username == user and hmac.compare_digest(one.password.encode(), password.encode())
            for one in self._users
        )

    def accounts(self) -> dict[str, str]:
        """Every user with the password, which NTLM proves without sending it."""
        return {one.username: one.password for one in self._users}

    def enter(self, name: str, user: str) -> Company:
        """The company of that exact name; raises NavError."""
        company = self._companies.get(name)
        if company is None:
            raise NavError("Internal_CompanyNotFound", f"Cannot find the company '{name}'.", 404)
        if name not in self.names(user):
            raise NavError(
                "Authorization_RequestDenied",
                f"You do not have permission to enter the company '{name}'.",
                403,
            )
        company.user = user
        return company

    def only(self, user: str) -> Company:
        """The company meant by a request that names none; raises NavError if that is open."""
        names = self.names(user)
        if len(names) != 1:
            raise NavError(
                "Internal_CompanyNotFound",
                "The default company cannot be found. Set the ServicesDefaultCompany or name the "
                "company in the address.",
                404,
            )
        return self.enter(names[0], user)
