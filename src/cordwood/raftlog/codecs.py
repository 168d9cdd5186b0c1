"""Codecs: how log ids, votes, payloads and user data become bytes, and what people read of them.

      u64 = 8 bytes, big-endian     (u64, u64) = both, end to end     bytes, text = length u32 BE | bytes

Lives here: the `Codec` Protocol, the bundle of four that a log is made with (`RaftTypes`), and the usual ones. Must not
live here: records. A codec says where its value ends, since records have no length; it checks every length against the
bytes that are left before it takes anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from struct import Struct
from typing import Any, Final, Generic, Protocol, TypeVar

from cordwood.model.raftlog_errors import IncompleteRecord, InvalidRecord

T = TypeVar("T")
L = TypeVar("L")
V = TypeVar("V")
P = TypeVar("P")
U = TypeVar("U")

_PAIR: Final = Struct(">QQ")
_LENGTH: Final = Struct(">I")
_ESCAPES: Final = {"\t": "\\t", "\r": "\\r", "\n": "\\n", "\0": "\\0", '"': '\\"', "\\": "\\\\"}


class Codec(Protocol[T]):
    """Values of one kind as bytes."""

    def encode(self, value: T) -> bytes:
        """The bytes of a value."""
        ...

    def decode(self, data: memoryview, at: int, end: int) -> tuple[T, int]:
        """The value that begins at `at`, and where it ends, which is at or below `end`.

        The value is a copy: `data` may be a view of a file. Raises IncompleteRecord where the bytes end too early,
        InvalidRecord where they cannot be a value.
        """
        ...

    def text(self, value: T) -> str:
        """The value for people, as Rust's Debug writes it."""
        ...


class PairCodec:
    """Two unsigned numbers of 64 bits: (term, index), or (term, node)."""

    encode: Final = staticmethod(lambda value: _PAIR.pack(*value))

    @staticmethod
    def decode(data: memoryview, at: int, end: int) -> tuple[tuple[int, int], int]:
        if end - at < 16:
            raise IncompleteRecord(f"{end - at} bytes are left of 16")
        return _PAIR.unpack_from(data, at), at + 16

    @staticmethod
    def text(value: tuple[int, int]) -> str:
        return f"({value[0]}, {value[1]})"


class BytesCodec:
    """A length and as many bytes. Shown as text where it is UTF-8."""

    @staticmethod
    def encode(value: bytes) -> bytes:
        return _LENGTH.pack(len(value)) + value

    @staticmethod
    def decode(data: memoryview, at: int, end: int) -> tuple[bytes, int]:
        start = at + 4
        if start > end:
            raise IncompleteRecord(f"{end - at} bytes are left of a length")
        stop = start + _LENGTH.unpack_from(data, at)[0]
        if stop > end:
            raise IncompleteRecord(f"{end - start} bytes are left of {stop - start}")
        return bytes(data[start:stop]), stop

    @staticmethod
    def text(value: bytes) -> str:
        try:
            return quoted(value.decode())
        except UnicodeDecodeError:
            return f'b"{"".join(map(_byte_text, value))}"'


class TextCodec:
    """A length in bytes and UTF-8."""

    @staticmethod
    def encode(value: str) -> bytes:
        return BytesCodec.encode(value.encode())

    @staticmethod
    def decode(data: memoryview, at: int, end: int) -> tuple[str, int]:
        value, stop = BytesCodec.decode(data, at, end)
        try:
            return value.decode(), stop
        except UnicodeDecodeError as error:
            raise InvalidRecord(f"a text is no UTF-8: {error}") from error

    @staticmethod
    def text(value: str) -> str:
        return quoted(value)


def quoted(text: str) -> str:
    """A text in quotation marks, with escapes as Rust's Debug has them."""
    return f'"{"".join(map(_character_text, text))}"'


def _character_text(character: str) -> str:
    return _ESCAPES.get(character) or (character if character.isprintable() else f"\\u{{{ord(character):x}}}")


def _byte_text(byte: int) -> str:
    character = chr(byte)
    return _ESCAPES.get(character, character) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}"


@dataclass(frozen=True, slots=True)
class RaftTypes(Generic[L, V, P, U]):
    """What a log is made of. Log ids and votes are compared with Python's operators; votes may be partially ordered."""

    log_id: Codec[L]
    vote: Codec[V]
    payload: Codec[P]
    user_data: Codec[U]
    index_of: Callable[[L], int]
    """The index in a log id."""
    payload_size: Callable[[P], int]
    """What a payload counts in the cache, in bytes."""


PAIR: Final = PairCodec()
BYTES: Final = BytesCodec()
TEXT: Final = TextCodec()

_second: Final[Callable[[tuple[Any, int]], int]] = itemgetter(1)

PLAIN: Final[RaftTypes[tuple[int, int], tuple[int, int], bytes, bytes]] = RaftTypes(
    PAIR, PAIR, BYTES, BYTES, _second, len
)
"""(term, index), (term, node), and bytes: what Cordwood's own nodes write."""

TEXTS: Final[RaftTypes[tuple[int, int], tuple[int, int], str, str]] = RaftTypes(PAIR, PAIR, TEXT, TEXT, _second, len)
"""The same with texts."""
