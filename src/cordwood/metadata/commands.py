"""Commands: what goes through the log of the cluster's metadata, a decision's records and what it was decided on.

    +---------+------------------------------------------------------+
    | version | MessagePack array: base, token, number, [record ...] |
    | 1 byte  | records as in `records`, each a byte string          |
    +---------+------------------------------------------------------+

A command takes effect only on the image that it was decided on: when `base` is the revision of the image before it.
Then the place of its entry in the log is the next revision. Otherwise it changes nothing, on any node. So a command that
comes twice takes effect once at most, and any node may decide. docs/formats/metadata-commands.md has the whole format.

Lives here: the command and its bytes. Must not live here: what became of it (`controller`).
"""

from __future__ import annotations

from typing import Final

import msgspec

from cordwood.metadata import records
from cordwood.metadata.replay import Draft
from cordwood.model.errors import InvalidMetadata

FORMAT_VERSION: Final = 1
TOKEN_BYTES: Final = 8


class Command(msgspec.Struct, frozen=True, array_like=True):
    """Records, as bytes, for the image of revision `base`; token and number say whose decision it was, and which."""

    base: int
    token: bytes
    number: int
    records: tuple[bytes, ...]


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Command)


def encode(command: Command) -> bytes:
    """The bytes of a command."""
    return bytes((FORMAT_VERSION,)) + _encoder.encode(command)


def decode(data: bytes | memoryview) -> Command:
    """The command of these bytes. Raises InvalidMetadata when they are none that this Cordwood knows."""
    if len(data) < 2 or data[0] != FORMAT_VERSION:
        found = str(data[0]) if len(data) else "none"
        raise InvalidMetadata(f"a command has format version {found}, this Cordwood reads {FORMAT_VERSION}")
    try:
        return _decoder.decode(data[1:])
    except msgspec.MsgspecError as error:
        raise InvalidMetadata(f"a command cannot be read: {error}") from error


def take_effect(draft: Draft, command: Command, revision: int) -> bool:
    """Replays a command into a draft, which then has this revision; False, and nothing changed, if it is for another.

    Raises InvalidMetadata.
    """
    if command.base != draft.revision:
        return False
    for record in command.records:
        draft.replay(records.decode(record))
    draft.revision = revision
    return True
