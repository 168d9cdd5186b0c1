"""The codecs of a batch, by their numbers, each loaded when it is first needed.

Lives here: the choice of a codec. Must not live here: how one works; each has a module in `codecs`. A broker stores
batches as they come and decompresses none, so it pays for no codec: that is why they are not imported above.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol, cast

from cordwood.records.batch import Codec

if TYPE_CHECKING:
    from cordwood.records.batch import Buffer

_MODULES: Final = {
    Codec.GZIP: "cordwood.records.codecs.gzip",
    Codec.SNAPPY: "cordwood.records.codecs.snappy",
    Codec.LZ4: "cordwood.records.codecs.lz4",
    Codec.ZSTD: "cordwood.records.codecs.zstd",
}


class CodecModule(Protocol):
    """What each module of `codecs` offers. Safe to call from several threads at once."""

    def compress(self, data: Buffer, level: int | None) -> bytes:
        """Compresses; a level of None is the codec's own default. Raises ValueError for a level that it has not."""
        ...

    def decompress(self, data: Buffer, limit_bytes: int) -> bytes:
        """Decompresses up to `limit_bytes`, and never holds much more than that in memory.

        Raises DecompressedTooLarge when there is more, InvalidBatch when the data is damaged.
        """
        ...


@cache
def _module(codec: Codec) -> CodecModule:
    return cast("CodecModule", import_module(_MODULES[codec]))


def compress(codec: Codec, data: Buffer, level: int | None = None) -> bytes:
    """The data as the codec writes it. Raises ValueError for a level that the codec has not."""
    return bytes(data) if codec == Codec.NONE else _module(codec).compress(data, level)


def decompress(codec: Codec, data: Buffer, limit_bytes: int) -> bytes:
    """What the codec reads in the data.

    Raises DecompressedTooLarge when it would be more than `limit_bytes`, InvalidBatch when the data is damaged.
    """
    return bytes(data) if codec == Codec.NONE else _module(codec).decompress(data, limit_bytes)
