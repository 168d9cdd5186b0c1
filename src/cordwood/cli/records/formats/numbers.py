"""Numbers in format strings: as digits, or as so many bytes.

Lives here: the table of ways, for writing and for reading. Must not live here: which fields are numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

WIDTHS: Final = {"64": 8, "32": 4, "16": 2, "8": 1}
NULL_BITS: Final = 16
"""From this size on a length can say that there is nothing."""


def ascii_digits(number: int) -> bytes:
    """The number as people write it."""
    return b"%d" % number


def _fixed(size_bytes: int, order: Literal["big", "little"]) -> Callable[[int], bytes]:
    mask = (1 << 8 * size_bytes) - 1
    return lambda number: (number & mask).to_bytes(size_bytes, order)


def _hexadecimal(digits: int) -> Callable[[int], bytes]:
    mask = (1 << 4 * digits) - 1
    return lambda number: b"%0*x" % (digits, number & mask)


WRITERS: Final[dict[str, Callable[[int], bytes]]] = {
    "ascii": ascii_digits,
    "hex": lambda number: b"%x" % (number & (1 << 64) - 1),
    "hex4": _hexadecimal(1),
    "byte": _fixed(1, "big"),
    "bool": lambda number: b"true" if number else b"false",
    **{f"hex{bits}": _hexadecimal(2 * size) for bits, size in WIDTHS.items()},
    **{f"big{bits}": _fixed(size, "big") for bits, size in WIDTHS.items()},
    **{f"little{bits}": _fixed(size, "little") for bits, size in WIDTHS.items()},
}
"""How a number is written, by name. What does not fit is cut off at the front, so that -1 is all ones."""


def _read_fixed(size_bytes: int, order: Literal["big", "little"]) -> tuple[int, Callable[[bytes], int]]:
    return size_bytes, lambda data: _length(int.from_bytes(data, order), 8 * size_bytes)


def _read_hexadecimal(digits: int) -> tuple[int, Callable[[bytes], int]]:
    return digits, lambda data: _length(int(data, 16), 4 * digits)


def _length(number: int, bits: int) -> int:
    """All ones are -1, which is the length of what is null; in a byte they are more likely a length of 255."""
    return -1 if bits >= NULL_BITS and number == (1 << bits) - 1 else number


READERS: Final[dict[str, tuple[int, Callable[[bytes], int]]]] = {
    "hex4": _read_hexadecimal(1),
    "byte": _read_fixed(1, "big"),
    **{f"hex{bits}": _read_hexadecimal(2 * size) for bits, size in WIDTHS.items()},
    **{f"big{bits}": _read_fixed(size, "big") for bits, size in WIDTHS.items()},
    **{f"little{bits}": _read_fixed(size, "little") for bits, size in WIDTHS.items()},
}
"""How many bytes a number of a fixed size takes, and what they come to."""
