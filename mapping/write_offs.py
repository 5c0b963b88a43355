"""Records of write-offs: a line of the general journal between a customer and an account."""

from __future__ import annotations

from dataclasses import replace

from documents.money import Money
from documents.record import Figures, MappedRecord
from documents.write_off import WriteOff, traced
from mapping.entity import Posting
from mapping.errors import held
from mapping.names import WRITE_OFF, values_of
from mapping.sales import Tools
from mapping.trace import of_header, of_lines


class WriteOffRecords:
    """Makes records of write-offs by one spec."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def record(self, made: WriteOff, posting: Posting) -> MappedRecord:
        """The record of a write-off. HoldRequired where the spec has no section for it."""
        tools, section = self._tools, self._tools.spec.write_off
        if section is None:
            raise held("not-mapped", f"the mapping {tools.spec.name} has no section write_off")
        currency = tools.currencies.code(made.amount.currency)
        values = values_of("write_off", WRITE_OFF, made)
        values.update(replace(posting, currency=currency.code).values())
        header, of_all = tools.entities.header_writer(section.entity, tools.rules).write(
            section.header, values
        )
        line, of_line = tools.entities.line_writer(section.entity, tools.rules).write(
            section.line, values
        )
        total = abs(made.amount)
        return MappedRecord(
            kind=posting.key.kind,
            entity=section.entity,
            header=header,
            lines=(line,),
            expected=Figures(net=total, tax=Money.zero(total.currency), total=total),
            trace=(currency.trace, traced(made), *of_header(of_all), *of_lines([of_line])),
            spec=tools.identity,
            made_of=made.made_of,
            posting_date=posting.posting_date,
        )
