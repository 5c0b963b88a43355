"""Whom the doors for people believe, as the settings say."""

from __future__ import annotations

from store.persons import Persons
from workers.access.callers import Authority, Concierge
from workers.access.oidc import OpenIdProvider
from workers.access.tokens import PersonalTokens
from workers.settings import AppSettings


def concierge(settings: AppSettings, persons: Persons) -> Concierge:
    """Personal tokens of the store, and the sign-in provider where there is one."""
    authorities: list[Authority] = [PersonalTokens(persons)]
    if settings.sign_in.issuer:
        authorities.append(OpenIdProvider(settings.sign_in, persons))
    return Concierge(*authorities)
