"""A marker says the same to every partition."""

from __future__ import annotations

import pytest

from cordwood.coordinator.transaction_marker import TransactionMarker
from cordwood.model.errors import InvalidProducerEpoch, TransactionCoordinatorFenced
from cordwood.records.batch import batches
from cordwood.records.builder import build_batch
from cordwood.records.control import Marker, MarkerType, parse_marker
from cordwood.records.reader import decode_batch
from cordwood.records.record import Record
from tests.coordinator.rig import Rig

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("committed", [True, False])
async def test_what_is_appended(committed: bool) -> None:
    partition = Rig().partition
    assert TransactionMarker(7, 3, committed, 5).append_to(partition).next_offset == 1
    found = partition.log.read_range(0, 1 << 20)
    assert found is not None
    ((header, batch),) = batches(found.file.read(found.end - found.start, found.start))
    assert (header.producer_id, header.producer_epoch, header.is_control) == (7, 3, True)
    (record,) = decode_batch(batch, header)
    assert parse_marker(record) == Marker(MarkerType.COMMIT if committed else MarkerType.ABORT, 5)


async def test_an_older_coordinator_is_refused() -> None:
    partition = Rig().partition
    TransactionMarker(7, 3, True, 5).append_to(partition)
    with pytest.raises(TransactionCoordinatorFenced):
        TransactionMarker(7, 4, True, 4).append_to(partition)
    assert partition.log.end_offset == 1


async def test_a_late_one_of_version_2_is_refused() -> None:
    partition = Rig().partition
    data = build_batch([Record(0, 0, None, b"v")], producer_id=7, producer_epoch=3, transactional=True)
    partition.append_own(memoryview(bytearray(data)))
    with pytest.raises(InvalidProducerEpoch):
        TransactionMarker(7, 3, True, 5, client_version=2).append_to(partition)
    assert TransactionMarker(7, 4, True, 5, client_version=2).append_to(partition).next_offset == 2
