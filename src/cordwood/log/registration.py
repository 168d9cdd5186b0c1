"""What a program does with the register of its logs: whom it believes at a start, whom it misses, when it writes.

| a log that there should be | its directory is there                       | it is not                                       |
|----------------------------|----------------------------------------------|-------------------------------------------------|
| registered, at rest        | rests if its files are the same, else opened | lost, if it had records: nobody begins it anew  |
| registered, awake          | opened                                       | the same                                        |
| not registered             | opened                                       | never touched: rests, without a directory       |

Lives here: that. Must not live here: the bytes (register.py), the logs (manager.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.log.at_rest import AtRest
from cordwood.log.register import (
    REGISTER_NAME,
    Row,
    encode_register,
    is_as_registered,
    load_register,
    store_register,
)
from cordwood.model.errors import CorruptLog
from cordwood.model.ids import NO_TOPIC_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cordwood.env.disk import Disk
    from cordwood.log.log import Log
    from cordwood.model.ids import TopicPartition


class Register:
    """The register of one program's logs, which lies in one of their directories."""

    def __init__(self, disk: Disk, directory: str) -> None:
        self._disk = disk
        self._directory = directory
        self._missing: dict[TopicPartition, Row] = {}
        """The rows of logs that were not found so far."""
        self._lost: set[TopicPartition] = set()
        """Those of them that somebody missed: their rows are kept."""
        self._written = b""

    def load(self) -> None:
        """Takes what the file says."""
        self._missing = load_register(self._disk, self._directory)

    def found(self, name: TopicPartition, directory: str) -> AtRest | None:
        """The log is in this data directory. What it is if it rests there as it did; None if it has to be opened."""
        row = self._missing.pop(name, None)
        if row is None or not row.rests or row.directory != directory:
            return None
        return row.facts if is_as_registered(self._disk, f"{directory}/{name}", row.facts) else None

    def lost(self, name: TopicPartition, topic_id: bytes) -> CorruptLog | None:
        """Why the log of a topic that was not found cannot be a new one, if it had records.

        Without the topic's id nobody knows whether it is the same log.
        """
        row = self._missing.get(name)
        if row is None or not row.facts.end_offset or topic_id == NO_TOPIC_ID or row.facts.topic_id != topic_id:
            return None
        self._lost.add(name)
        reason = (
            f"the directory is gone, and with it the records up to offset {row.facts.end_offset}: bring it back or delete the "
            f"topic; {REGISTER_NAME} remembers it"
        )
        return CorruptLog(f"{row.directory}/{name}", 0, reason)

    def forget(self, name: TopicPartition) -> None:
        """The log was deleted: nobody misses it."""
        self._missing.pop(name, None)
        self._lost.discard(name)

    def write(self, logs: Mapping[TopicPartition, Log]) -> None:
        """Writes what the logs are now, and which ones are lost, if that is not what was written last.

        Raises StorageFailed.
        """
        rows = {name: row for name, log in list(logs.items()) if (row := _row_of(log)) is not None}
        rows |= {name: self._missing[name] for name in self._lost}
        payload = encode_register(rows)
        if payload != self._written:
            store_register(self._disk, self._directory, payload)
            self._written = payload


def _row_of(log: Log) -> Row | None:
    """What is to be registered of a log; None of one that was never touched."""
    directory = log.path.rpartition("/")[0]
    facts = log.at_rest
    if facts is None:
        return Row(directory, AtRest(log.topic_id, log.start_offset, log.recovery_point), rests=False)
    return Row(directory, facts) if facts.is_made else None
