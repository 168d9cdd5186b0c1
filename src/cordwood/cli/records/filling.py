"""What options say of every record that is produced, beside what the input says of it.

Lives here: which of the two counts. Must not live here: options, or input.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cordwood.cli.records.message import Outgoing

if TYPE_CHECKING:
    from cordwood.cli.records.message import Header


@dataclass(frozen=True, slots=True)
class Filling:
    """A key and a partition for records that have none, headers for all, a timestamp instead of theirs."""

    key: bytes | None = None
    headers: tuple[Header, ...] = ()
    partition: int | None = None
    timestamp_ms: int | None = None
    empty_is_null: bool = False
    keeps_partition: bool = True

    @property
    def changes_nothing(self) -> bool:
        """Whether every record stays what it is."""
        return self == Filling()

    def fill(self, record: Outgoing) -> Outgoing:
        """The record as it is produced."""
        partition = record.partition if self.keeps_partition else None
        return Outgoing(
            self.key if record.key is None else record.key,
            None if self.empty_is_null and not record.value else record.value,
            (*record.headers, *self.headers),
            self.partition if partition is None else partition,
            record.timestamp_ms if self.timestamp_ms is None else self.timestamp_ms,
        )
