"""What a command tells a person in one line instead of a traceback."""

from __future__ import annotations


class Refusal(Exception):
    """Something the person at the command line can understand and mend.

    `str()` is the whole message: no personal data, no secrets. `code` is the exit code.
    """

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code
