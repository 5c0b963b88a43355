"""Infolog texts in the languages of the call context.

The English texts of business errors are driven by labels and no public source lists them: these
are written for the stand-in, in AX's manner. A language without a text gets en-us.
"""

from __future__ import annotations

DEFAULT_LANGUAGE = "en-us"

_TEXTS: dict[str, dict[str, str]] = {
    "Duplicate": {
        "en-us": "Duplicate message. Message has already been processed.",
        "de": "Doppelte Nachricht. Die Nachricht wurde bereits verarbeitet.",
    },
    "Hidden": {
        "en-us": "Request Failed. See the Exception Log for details.",
        "de": "Anforderung fehlgeschlagen. Details finden Sie im Ausnahmenprotokoll.",
    },
    "NotInTable": {
        "en-us": "The value '{value}' in field '{field}' is not found in the related table "
        "'{table}'.",
        "de": "Der Wert '{value}' im Feld '{field}' wurde in der verknüpften Tabelle '{table}' "
        "nicht gefunden.",
    },
    "Mandatory": {
        "en-us": "Field '{field}' must be filled in.",
        "de": "Feld '{field}' muss ausgefüllt werden.",
    },
    "NotEditable": {
        "en-us": "The field '{field}' may not be set: it does not allow edit.",
        "de": "Das Feld '{field}' darf nicht gesetzt werden.",
    },
    "AutomaticNumber": {
        "en-us": "It is not possible to assign {field} '{value}': number sequence {sequence} is "
        "not manual.",
        "de": "{field} '{value}' kann nicht zugewiesen werden: Nummernkreis {sequence} ist nicht "
        "manuell.",
    },
    "PeriodClosed": {
        "en-us": "The ledger period for {date} is not open ({status}).",
        "de": "Die Sachkontoperiode für {date} ist nicht offen ({status}).",
    },
    "NoPeriod": {
        "en-us": "There is no fiscal period for {date}.",
        "de": "Es gibt keine Geschäftsperiode für {date}.",
    },
    "CustomerBlocked": {
        "en-us": "Customer {account} is on hold for '{blocked}'.",
        "de": "Debitor {account} ist gesperrt für '{blocked}'.",
    },
    "AccountSuspended": {
        "en-us": "Main account {account} is suspended.",
        "de": "Hauptkonto {account} ist gesperrt.",
    },
    "NotDirect": {
        "en-us": "Main account {account} does not allow manual entry.",
        "de": "Hauptkonto {account} erlaubt keine manuelle Buchung.",
    },
    "DimensionSuspended": {
        "en-us": "The value '{value}' of dimension '{dimension}' is suspended.",
        "de": "Der Wert '{value}' der Dimension '{dimension}' ist gesperrt.",
    },
    "DimensionRequired": {
        "en-us": "The combination {account} is not valid for the account structure: a value for "
        "dimension '{dimension}' must be specified.",
        "de": "Die Kombination {account} ist für die Kontenstruktur ungültig: für die Dimension "
        "'{dimension}' muss ein Wert angegeben werden.",
    },
    "NoRate": {
        "en-us": "There is no exchange rate from {currency} to {base} on {date}.",
        "de": "Es gibt keinen Wechselkurs von {currency} nach {base} am {date}.",
    },
    "OutOfBalance": {
        "en-us": "The transactions on voucher {voucher} do not balance as per {date} "
        "(accounting currency: {amount}).",
        "de": "Die Buchungen auf Beleg {voucher} sind zum {date} nicht ausgeglichen "
        "(Buchhaltungswährung: {amount}).",
    },
    "NoLines": {
        "en-us": "{document} {number} has no lines.",
        "de": "{document} {number} hat keine Zeilen.",
    },
    "DebitOrCredit": {
        "en-us": "Either debit or credit must be specified on line {number}.",
        "de": "In Zeile {number} muss entweder Soll oder Haben angegeben werden.",
    },
    "AccountType": {
        "en-us": "Account type {type} cannot be used in journal {journal}.",
        "de": "Kontoart {type} kann in Erfassung {journal} nicht verwendet werden.",
    },
    "TooLarge": {
        "en-us": "The amount {value} is too large.",
        "de": "Der Betrag {value} ist zu groß.",
    },
    "NoJournalTax": {
        "en-us": "Sales tax on journal lines is not set up in this company.",
        "de": "Steuern auf Erfassungszeilen sind in diesem Unternehmen nicht eingerichtet.",
    },
    "OtherCompany": {
        "en-us": "Intercompany accounting from {company} to {other} is not set up.",
        "de": "Intercompany-Buchungen von {company} nach {other} sind nicht eingerichtet.",
    },
    "BankCurrency": {
        "en-us": "Bank account {bank} allows currency {currency} only.",
        "de": "Bankkonto {bank} lässt nur die Währung {currency} zu.",
    },
    "NoMarkedInvoice": {
        "en-us": "Invoice {invoice} has no open transaction for customer {account} in {currency}.",
        "de": "Rechnung {invoice} hat keine offene Buchung für Debitor {account} in {currency}.",
    },
    "NothingToSettle": {
        "en-us": "Transactions {one} and {other} cannot be settled: {reason}.",
        "de": "Die Buchungen {one} und {other} können nicht ausgeglichen werden: {reason}.",
    },
    "Canceled": {
        "en-us": "Sales order {number} was canceled.",
        "de": "Auftrag {number} wurde storniert.",
    },
    "Posted": {
        "en-us": "{document} {number} is posted and cannot be changed.",
        "de": "{document} {number} ist gebucht und kann nicht geändert werden.",
    },
    "AlreadyReversed": {
        "en-us": "Voucher {voucher} has already been reversed.",
        "de": "Beleg {voucher} wurde bereits storniert.",
    },
    "NotFoundByKey": {
        "en-us": "There is no {kind} with reference {key}.",
        "de": "Es gibt kein(e) {kind} mit Referenz {key}.",
    },
    "Ambiguous": {
        "en-us": "There is more than one {kind} with reference {key}.",
        "de": "Es gibt mehr als ein(e) {kind} mit Referenz {key}.",
    },
    "NoRecord": {
        "en-us": "The record with {field} = {value} does not exist in {table}.",
        "de": "Der Datensatz mit {field} = {value} ist in {table} nicht vorhanden.",
    },
    "Exists": {
        "en-us": "Cannot create a record in {table}. {field}: {value}. The record already exists.",
        "de": "In {table} kann kein Datensatz erstellt werden. {field}: {value}. Der Datensatz ist "
        "bereits vorhanden.",
    },
    "HasTransactions": {
        "en-us": "{table} {value} cannot be deleted because transactions exist.",
        "de": "{table} {value} kann nicht gelöscht werden, weil Buchungen vorhanden sind.",
    },
    "IndexInvalid": {
        "en-us": "The parameter index is not valid.",
        "de": "Der Parameterindex ist ungültig.",
    },
    "ActionMissing": {
        "en-us": "The action attribute of {entity} must be specified in a partial update.",
        "de": "Das Attribut action von {entity} muss bei einer Teilaktualisierung angegeben sein.",
    },
    "HashMissing": {
        "en-us": "The update needs the _DocumentHash, or RecId and RecVersion of every record.",
        "de": "Die Aktualisierung braucht _DocumentHash oder RecId und RecVersion jedes Satzes.",
    },
    "HashMismatch": {
        "en-us": "Document hash mismatch: {table} {value} was changed since it was read.",
        "de": "Dokument-Hash stimmt nicht: {table} {value} wurde seit dem Lesen geändert.",
    },
    "VersionMismatch": {
        "en-us": "The RecVersion of {table} with RecId {value} does not match.",
        "de": "RecVersion von {table} mit RecId {value} stimmt nicht überein.",
    },
    "Company": {
        "en-us": "Company {company} does not exist.",
        "de": "Unternehmen {company} ist nicht vorhanden.",
    },
    "CompanyAccess": {
        "en-us": "User {user} is not authorized for company {company}.",
        "de": "Benutzer {user} ist für Unternehmen {company} nicht berechtigt.",
    },
    "NoPrivilege": {
        "en-us": "Access denied: user {user} has no privilege for {service}.{operation}.",
        "de": "Zugriff verweigert: Benutzer {user} darf {service}.{operation} nicht ausführen.",
    },
    "Partition": {
        "en-us": "Partition {partition} does not exist.",
        "de": "Partition {partition} ist nicht vorhanden.",
    },
    "MessageId": {
        "en-us": "The message ID {value} is not a valid GUID.",
        "de": "Die Nachrichten-ID {value} ist keine gültige GUID.",
    },
    "DataSource": {
        "en-us": "Data source or field {source}.{field} is not in the query of {document}.",
        "de": "Datenquelle oder Feld {source}.{field} ist nicht in der Abfrage von {document}.",
    },
    "NoCriteria": {
        "en-us": "The query criteria must be specified.",
        "de": "Die Abfragekriterien müssen angegeben werden.",
    },
    "BadCriteria": {
        "en-us": "The value '{value}' is not valid for {source}.{field}.",
        "de": "Der Wert '{value}' ist für {source}.{field} ungültig.",
    },
    "Bookmark": {
        "en-us": "The bookmark '{value}' is not valid.",
        "de": "Das Lesezeichen '{value}' ist ungültig.",
    },
    "Setup": {
        "en-us": "There is no set-up list {value}.",
        "de": "Es gibt keine Einrichtungsliste {value}.",
    },
    "Deadlock": {
        "en-us": "Cannot select a record in Customer transactions (CustTrans). Deadlock, where one "
        "or more users have simultaneously locked the whole table or part of it.",
        "de": "Deadlock: ein oder mehrere Benutzer haben gleichzeitig die Tabelle gesperrt.",
    },
    "Refused": {"en-us": "{reason}", "de": "{reason}"},
}


def text(label: str, language: str, **values: object) -> str:
    """The text of a label in a language (`de-at` falls back to `de`, the rest to en-us)."""
    texts = _TEXTS[label]
    chosen = texts.get(language.lower()) or texts.get(language.lower().split("-")[0])
    return (chosen or texts[DEFAULT_LANGUAGE]).format(**values)
