"""The receivables account behind a customer posting group."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from connectors.nav.company import Company

_ACCOUNT = "Receivables_Account"


class GroupAccounts:
    """Accounts of the general ledger by posting group; read again when a group comes up that is
    not known."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._service = company.settings.services.customer_posting_groups
        self._known: dict[str, str] = {}

    async def of(self, groups: Collection[str]) -> Mapping[str, str]:
        """The account of each group; the group itself where NAV does not publish them."""
        wanted = {group for group in groups if group}
        if wanted - self._known.keys():
            self._known = {group: group for group in wanted} | await self._read()
        return self._known

    async def _read(self) -> dict[str, str]:
        model = await self._company.model()
        if not model.publishes(self._service):
            return {}
        model.require(self._service, "Code", _ACCOUNT)
        found = await self._company.odata.find(
            self._service, operation="read posting groups", filters=[]
        )
        return {each.text("Code"): each.text(_ACCOUNT) or each.text("Code") for each in found}
