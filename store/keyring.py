"""The encryption keys, and where they come from."""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
import shlex
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from store.errors import BadKeySource

KEY_BYTES = 32
_KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_COMMAND_SECONDS = 30.0


@dataclass(frozen=True)
class KeyRing:
    """256-bit AES keys by id. `current` encrypts; all of them decrypt.

    BadKeySource when a key has another length, an id cannot be written in a header, or the
    current one is missing.
    """

    keys: Mapping[str, bytes] = field(repr=False)
    current: str

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            raise BadKeySource(f"the current key {self.current!r} is not in the key ring")
        for key_id, key in self.keys.items():
            if not _KEY_ID.fullmatch(key_id):
                raise BadKeySource("a key id is 1 to 32 letters, digits, dots, dashes, underscores")
            if len(key) != KEY_BYTES:
                raise BadKeySource(f"the key {key_id!r} must have {KEY_BYTES} bytes")

    @classmethod
    def from_source(cls, value: str) -> Self:
        """Read the keys from `id:base64,id2:base64` (the first is current), from the file of
        `file:/path` or from the output of `command:program arguments`, both in that same form.

        A file that group or others may read is refused. The command runs without a shell and has
        30 seconds. BadKeySource says what is wrong without showing any of it.
        """
        if value.startswith("file:"):
            return cls._parse(_read_file(Path(value.removeprefix("file:"))))
        if value.startswith("command:"):
            return cls._parse(_run(value.removeprefix("command:")))
        return cls._parse(value)

    @classmethod
    def generate(cls, key_id: str = "k1") -> Self:
        """A ring with one new random key."""
        return cls({key_id: secrets.token_bytes(KEY_BYTES)}, key_id)

    def with_new_key(self, key_id: str) -> KeyRing:
        """This ring with a new random key that is current from now on."""
        if key_id in self.keys:
            raise BadKeySource(f"the key id {key_id!r} is in use already")
        return KeyRing({key_id: secrets.token_bytes(KEY_BYTES), **self.keys}, key_id)

    def text(self) -> str:
        """The ring as `from_source` reads it, current key first. This is the secret itself."""
        others = [key_id for key_id in self.keys if key_id != self.current]
        return ",".join(
            f"{key_id}:{base64.b64encode(self.keys[key_id]).decode()}"
            for key_id in (self.current, *others)
        )

    @classmethod
    def _parse(cls, text: str) -> Self:
        keys: dict[str, bytes] = {}
        for number, entry in enumerate(re.split(r"[,\s]+", text.strip()), start=1):
            key_id, separator, encoded = entry.partition(":")
            if not separator or key_id in keys:
                raise BadKeySource(f"key {number} must read id:base64, each id once")
            keys[key_id] = _decode(encoded, number)
        return cls(keys, next(iter(keys)))


def _decode(encoded: str, number: int) -> bytes:
    try:
        return base64.b64decode(encoded.translate(str.maketrans("-_", "+/")), validate=True)
    except binascii.Error:
        # From None: the reason would quote the key.
        raise BadKeySource(f"key {number} is not base64") from None


def _read_file(path: Path) -> str:
    try:
        with path.open(encoding="ascii") as source:
            mode = os.fstat(source.fileno()).st_mode
            # A group may read: that is how a container that is not root is given a secret.
            if mode & (stat.S_IWGRP | stat.S_IXGRP | stat.S_IRWXO):
                raise BadKeySource(
                    f"others may read or change the key file {path}: chmod 600 it first (640 for "
                    "a group of its own)"
                )
            return source.read()
    except OSError as error:
        raise BadKeySource(f"cannot read the key file {path}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise BadKeySource(f"the key file {path} does not hold keys as text") from None


def _run(command: str) -> str:
    try:
        arguments = shlex.split(command)
        finished = subprocess.run(
            arguments, capture_output=True, timeout=_COMMAND_SECONDS, check=False
        )
        output = finished.stdout.decode("ascii")
    except (OSError, ValueError, IndexError, subprocess.TimeoutExpired) as error:
        # From None: a time-out would carry the output along.
        raise BadKeySource(f"the key command failed: {type(error).__name__}") from None
    if finished.returncode:
        raise BadKeySource(f"the key command ended with code {finished.returncode}")
    return output
