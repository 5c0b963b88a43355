"""From a SOAP request on a port to its answer: context, rights, duplicates, operation."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from sandbox.ax.clerk import Clerk
from sandbox.ax.company import Company
from sandbox.ax.errors import AifError, Code, SoapError
from sandbox.ax.profile import PortProfile
from sandbox.ax.services.ports import Port
from sandbox.ax.services.tieout import TieoutService
from sandbox.ax.signin import User
from sandbox.ax.wire.contract import Contract, Operation
from sandbox.ax.wire.custom import CONTRACT, SERVICE, read_parameters, write_response
from sandbox.ax.wire.envelope import (
    CallContext,
    Element,
    Origin,
    aif_fault,
    envelope,
    folded_message_id,
    parse,
    soap_fault,
)

_INITIAL_PARTITION = "initial"


class Gateway:
    """All ports over all companies."""

    def __init__(
        self,
        companies: Mapping[str, Company],
        ports: Mapping[str, Port],
        profile: PortProfile,
        clerk: Clerk,
        *,
        custom: bool,
    ) -> None:
        self._companies = companies
        self._ports = ports
        self._profile = profile
        self._clerk = clerk
        self._custom = {
            area: TieoutService(company, clerk) for area, company in companies.items() if custom
        }

    def contract(self, port: str) -> Contract | None:
        """The contract of a port, if it is there."""
        if port == SERVICE and self._custom:
            return CONTRACT
        return self._ports[port].contract if port in self._ports else None

    def answer(self, port: str, action: str, content: bytes, user: User) -> tuple[int, bytes]:
        """Status and envelope of an answer; raises BadRequestError for what is no SOAP."""
        contract = self.contract(port)
        if contract is None:
            raise LookupError(port)
        context, origin = CallContext(), Origin(service=contract.service)
        try:
            request = parse(content)
            context = request.context
            operation = _operation(contract, action, request.body)
            document = contract.document.name if contract.document else ""
            origin = Origin(document, contract.service, operation.name)
            return 200, self._carry_out(contract, operation, context, request.body, user)
        except AifError as error:
            detailed = self._profile.detailed_faults
            return 500, aif_fault(error, origin, context.language, detailed=detailed)
        except SoapError as error:
            return 500, soap_fault(error)

    def _carry_out(
        self,
        contract: Contract,
        operation: Operation,
        context: CallContext,
        body: Element,
        user: User,
    ) -> bytes:
        company = self._company(context, user)
        self._check_rights(contract, operation, user)
        message_id = folded_message_id(context) if operation.writes else ""
        self._check_duplicate(contract, company, message_id)
        try:
            with company.database.transaction():
                self._remember(contract, company, message_id)
                parts = self._call(contract, operation, company, body)
        except AifError:
            if self._profile.keeps_failed_ids:
                self._remember(contract, company, message_id)
            raise
        if operation.name == "create":
            self._clerk.wake()
        name = f"{{{contract.namespace}}}{contract.response(operation)}"
        response = etree.Element(name, nsmap={None: contract.namespace})
        for part in parts:
            response.append(part)
        return envelope(response)

    def _call(
        self, contract: Contract, operation: Operation, company: Company, body: Element
    ) -> list[Element]:
        if contract is CONTRACT:
            values = read_parameters(operation, body)
            return [write_response(operation, self._tieout(company, operation.name, values))]
        return self._ports[contract.service].service.call(company, operation.name, body)

    def _tieout(self, company: Company, operation: str, values: dict[str, object]) -> object:
        return self._custom[company.area.lower()].call(operation, values)

    def _company(self, context: CallContext, user: User) -> Company:
        partition = context.partition
        if self._profile.partitions and partition not in ("", _INITIAL_PARTITION):
            raise AifError("Partition", Code.COMPANY, at="PartitionKey", partition=partition)
        own = user.company.company.lower()
        area = context.company.lower() or own
        if area not in self._companies:
            raise AifError("Company", Code.COMPANY, at="Company", company=context.company)
        if area != own:
            raise AifError(
                "CompanyAccess", Code.ACCESS, at="Company", user=user.name, company=context.company
            )
        return self._companies[area]

    def _check_rights(self, contract: Contract, operation: Operation, user: User) -> None:
        allowed = user.company.privileges
        if allowed is not None and f"{contract.class_name}{operation.title}" not in allowed:
            raise AifError(
                "NoPrivilege",
                Code.ACCESS,
                user=user.name,
                service=contract.class_name,
                operation=operation.name,
            )

    def _check_duplicate(self, contract: Contract, company: Company, message_id: str) -> None:
        known = company.database.table(f"{company.area}/AifMessages")
        if message_id and f"{contract.service}/{message_id}" in known:
            raise AifError("Duplicate", Code.DUPLICATE, at="MessageId")

    def _remember(self, contract: Contract, company: Company, message_id: str) -> None:
        if message_id:
            known = company.database.table(f"{company.area}/AifMessages")
            known[f"{contract.service}/{message_id}"] = {"at": company.now()}


def _operation(contract: Contract, action: str, body: Element) -> Operation:
    """The operation that a SOAPAction names, if the body is its request."""
    name = action.strip().strip('"')
    for operation in contract.operations:
        if contract.action(operation) != name:
            continue
        expected = f"{{{contract.namespace}}}{contract.request(operation)}"
        if body.tag != expected:
            found = etree.QName(body).text
            message = f"OperationFormatter encountered an invalid Message body: {found}."
            raise SoapError("DeserializationFailed", message)
        return operation
    message = (
        f"The message with Action '{name}' cannot be processed at the receiver, due to a "
        "ContractFilter mismatch at the EndpointDispatcher."
    )
    raise SoapError("ActionNotSupported", message)
