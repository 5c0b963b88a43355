"""What NAV answers when it refuses, for OData (a code) and for SOAP (an exception class).

Codes and example texts: Microsoft's table of OData error codes. Exception classes that no public
source shows are marked in the table below by a comment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

DIALOG = "Application_DialogException"
FIELD = "Application_FieldValidationException"
NOT_FOUND = "Internal_RecordNotFound"

_EXCEPTIONS: Mapping[str, str] = {
    DIALOG: "NavNCLDialogException",
    FIELD: "NavTestFieldException",
    NOT_FOUND: "NavCSideRecordNotFoundException",
    "Internal_EntityWithSameKeyExists": "NavCSideDuplicateKeyException",
    "Application_CallbackNotAllowed": "NavNCLCallbackNotAllowedException",
    # From here on the class names are unverified.
    "Internal_InvalidTableRelation": "NavCSideValidateTableRelationException",
    "Application_StringExceededLength": "NavNCLStringLengthExceededException",
    "Application_EvaluateException": "NavNCLEvaluateException",
    "Application_FilterErrorException": "NavFilterErrorException",
    "Request_EntityChanged": "NavRecordChangedException",
}
_PREFIX = "Microsoft.Dynamics.Nav.Types.Exceptions."


class NavError(Exception):
    """A refusal. `code` is the OData error code, `status` the HTTP status of an OData answer."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status

    @property
    def exception(self) -> str:
        """The full name of the .NET exception class, which SOAP gives as the fault code."""
        return _PREFIX + _EXCEPTIONS.get(self.code, "NavException")


def dialog(message: str) -> NavError:
    """An ERROR raised by application code."""
    return NavError(DIALOG, message)


def identification(values: Iterable[tuple[str, object]]) -> str:
    """Fields and values as NAV lists them: `No.='10000',Line No.='10000'`."""
    return ",".join(f"{caption}='{value}'" for caption, value in values)


def missing_record(table: str, values: Iterable[tuple[str, object]], status: int = 400) -> NavError:
    """A record that must exist does not."""
    where = identification(values)
    message = f"The {table} does not exist. Identification fields and values: {where}"
    return NavError(NOT_FOUND, message, status)


def nothing_within(table: str, filters: Iterable[tuple[str, object]]) -> NavError:
    """A search that must find a record found none."""
    listed = ", ".join(f"{caption}: {value}" for caption, value in filters)
    return NavError(NOT_FOUND, f"There is no {table} within the filter.  Filters: {listed}")


def same_key(table: str, values: Iterable[tuple[str, object]]) -> NavError:
    """A record with that primary key exists."""
    where = identification(values)
    message = f"The {table} already exists. Identification fields and values: {where}"
    return NavError("Internal_EntityWithSameKeyExists", message)


def must_have_value(field: str, record: str) -> NavError:
    """A mandatory field is blank; `record` is the table and its key, `Customer: No.=C1`."""
    return NavError(FIELD, f"{field} must have a value in {record}. It cannot be zero or empty.")


def must_equal(field: str, wanted: str, record: str, present: str) -> NavError:
    """A field has another value than the one the operation needs."""
    return NavError(
        FIELD,
        f"{field} must be equal to '{wanted}'  in {record}. Current value is '{present}'.",
    )


def field_error(field: str, complaint: str, record: str) -> NavError:
    """A field's value was refused: `Posting Date is not within ... in Sales Header ...`."""
    return NavError(FIELD, f"{field} {complaint} in {record}.")


def not_related(field: str, table: str, value: str, related: str) -> NavError:
    """A value that must exist in another table does not."""
    return NavError(
        "Internal_InvalidTableRelation",
        f"The field {field} of table {table} contains a value ({value}) "
        f"that cannot be found in the related table ({related}).",
    )


def too_long(value: str, length: int) -> NavError:
    """A string longer than its field."""
    return NavError(
        "Application_StringExceededLength",
        f"The length of the string is {len(value)}, but it must be less than or equal to "
        f"{length} characters. Value: {value}",
    )


def cannot_evaluate(value: object, kind: str) -> NavError:
    """A value that is not of the field's type."""
    return NavError(
        "Application_EvaluateException",
        f"The value '{value}' can't be evaluated into type {kind}.",
    )


def bad_value(value: object, edm: str) -> NavError:
    """A JSON value of the wrong kind."""
    return NavError("BadRequest", f"Cannot convert the value '{value}' to the type '{edm}'.")


def callback_not_allowed() -> NavError:
    """Application code asked a question, which nobody can answer in a web service."""
    return NavError(
        "Application_CallbackNotAllowed",
        "Microsoft Dynamics NAV Server attempted to issue a client callback to show a "
        "confirmation dialog box. Client callbacks are not supported on Microsoft Dynamics "
        "NAV Server.",
    )
