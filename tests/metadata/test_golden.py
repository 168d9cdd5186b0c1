"""What was written once is read for ever: the golden file holds each record of format version 1.

`python -m tests.metadata.test_golden` writes the file when it is missing. An existing line is never rewritten: when this
test fails, the format has changed, and a format that changed has a new version.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from cordwood.metadata.image import Endpoint, EntityPart
from cordwood.metadata.records import (
    ClusterRecord,
    ConfigRecord,
    FeatureRecord,
    PartitionChange,
    PartitionRecord,
    ProducerIdsRecord,
    QuorumNodeRecord,
    QuotaRecord,
    Record,
    RegisterBroker,
    RemoveQuorumNode,
    RemoveTopic,
    RenewLeadership,
    TopicRecord,
    UnregisterBroker,
    decode,
    encode,
)
from tests.metadata.cluster_of import id_of

FILE: Final = Path(__file__).parents[1] / "golden" / "metadata" / "records-v1.hex"

RECORDS: Final[tuple[Record, ...]] = (
    ClusterRecord("MkU3OEVBNTcwNTJENDM2Qk"),
    RegisterBroker(
        id=1,
        epoch=1,
        incarnation=bytes(range(16)),
        endpoints=(Endpoint("PLAINTEXT", "127.0.0.1", 9092), Endpoint("OUTSIDE", "::1", 65535)),
        rack="a",
    ),
    RegisterBroker(id=2, epoch=2, incarnation=b"", endpoints=(), rack=None),
    TopicRecord("orders", id_of(1 << 100)),
    PartitionRecord(id_of(1 << 100), 0, (1, 2)),
    PartitionChange(id_of(1 << 100), 0, -1, 7, ()),
    ConfigRecord(2, "orders", "retention.ms", "604800000"),
    ConfigRecord(4, "", "log.segment.bytes", None),
    ProducerIdsRecord(1, 1 << 40),
    RemoveTopic(id_of(1 << 100)),
    UnregisterBroker(2),
    QuorumNodeRecord(3, bytes(range(16, 32)), Endpoint("CONTROLLER", "third.example", 9093)),
    RemoveQuorumNode(3),
    RenewLeadership(1),
    QuotaRecord((EntityPart("client-id", None), EntityPart("user", "alice")), "request_percentage", 12.5),
    QuotaRecord((EntityPart("ip", "10.0.0.1"),), "connection_creation_rate", None),
    FeatureRecord("transaction.version", 1),
)


@pytest.mark.parametrize("index", range(len(RECORDS)))
def test_the_golden_file_is_read_and_written_alike(index):
    written = bytes.fromhex(FILE.read_text("ascii").splitlines()[index])
    assert decode(written) == RECORDS[index]
    assert encode(RECORDS[index]) == written


def test_every_kind_of_record_is_in_it():
    assert {type(record) for record in RECORDS} == set(Record.__args__)
    assert len(FILE.read_text("ascii").splitlines()) == len(RECORDS)


if __name__ == "__main__" and not FILE.exists():
    FILE.write_text("".join(f"{encode(record).hex()}\n" for record in RECORDS), "ascii")
