"""An image comes back from its bytes, and equal images have equal bytes.

`python -m tests.metadata.test_snapshot` writes the golden file when it is missing. It is never rewritten: a format that
changed has a new version.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordwood.metadata import EMPTY, Image, Partition, QuorumNode, Resource, Topic, snapshot
from cordwood.metadata.image import Broker, Endpoint, EntityPart
from cordwood.model.errors import InvalidMetadata
from tests.metadata.cluster_of import cluster_of, id_of, with_topics

GOLDEN: Final = Path(__file__).parents[1] / "golden" / "metadata"
FILE: Final = GOLDEN / "snapshot-v1-features.hex"
BEFORE_FEATURES: Final = GOLDEN / "snapshot-v1-quotas.hex"
BEFORE_QUOTAS: Final = GOLDEN / "snapshot-v1.hex"

PLACE: Final = Endpoint("PLAINTEXT", "127.0.0.1", 9092)


def topics_of(*topics: Topic) -> dict[str, object]:
    return {
        "topics": {topic.name: topic for topic in topics},
        "topics_by_id": {topic.id: topic for topic in topics},
        "partition_count": sum(len(topic.partitions) for topic in topics),
    }


FULL: Final = Image(
    revision=1 << 40,
    cluster_id="MkU3OEVBNTcwNTJENDM2Qk",
    configs={Resource(4, ""): {"b": "2", "a": "1"}, Resource(2, "orders"): {"retention.ms": "1"}},
    brokers={
        2: Broker(2, 9, b"", (), None),
        1: Broker(1, 8, bytes(range(16)), (PLACE, Endpoint("OUTSIDE", "::1", 65535)), "a"),
    },
    next_producer_id=2000,
    last_broker_epoch=11,
    quorum_nodes={3: QuorumNode(3, bytes(16), PLACE), 1: QuorumNode(1, bytes(range(16)), PLACE)},
    quotas={
        (EntityPart("user", "alice"),): {"request_percentage": 12.5},
        (EntityPart("client-id", "c"), EntityPart("user", None)): {
            "producer_byte_rate": 2.0,
            "consumer_byte_rate": 1e15,
        },
        (EntityPart("user", None),): {"producer_byte_rate": 1.0},
    },
    features={"transaction.version": 1, "group.version": 0},
    feature_epoch=3,
    **topics_of(
        Topic("orders", id_of(1 << 100), (Partition(0, 1, 0, 0, (1, 2), (1, 2)), Partition(1, -1, 7, 9, (2, 1), ()))),
        Topic("empty", id_of(7), ()),
    ),
)


def stored(image: Image) -> bytes:
    return b"".join(snapshot.parts(image))


def test_the_golden_file_is_read_and_written_alike():
    written = bytes.fromhex(FILE.read_text("ascii"))
    assert snapshot.restore([written]) == FULL
    assert stored(FULL) == written


WITHOUT_FEATURES: Final = msgspec.structs.replace(FULL, features={}, feature_epoch=0)


@pytest.mark.parametrize(
    ("file", "before"),
    [(BEFORE_FEATURES, WITHOUT_FEATURES), (BEFORE_QUOTAS, msgspec.structs.replace(WITHOUT_FEATURES, quotas={}))],
)
def test_what_was_written_before_there_was_more_is_read_and_written_alike(file: Path, before: Image):
    written = bytes.fromhex(file.read_text("ascii"))
    assert snapshot.restore([written]) == before
    assert stored(before) == written


def test_every_field_of_an_image_is_in_the_golden_one():
    """Whoever gives the image another field puts it into the snapshot, too."""
    empty = [field for field in Image.__struct_fields__ if getattr(FULL, field) == getattr(EMPTY, field)]
    assert not empty
    whole = with_topics(cluster_of(1, 2), "orders")
    assert snapshot.restore(snapshot.parts(whole)) == whole


def test_equal_images_have_equal_bytes():
    turned = {
        field: dict(reversed(value.items())) if isinstance(value := getattr(FULL, field), dict) else value
        for field in Image.__struct_fields__
    }
    assert stored(Image(**turned)) == stored(FULL)


@pytest.mark.parametrize("count", [0, 1, snapshot.PARTITIONS_LIMIT, 2 * snapshot.PARTITIONS_LIMIT + 1])
def test_topics_of_any_size(count):
    partitions = tuple(Partition(index, 1, 0, 0, (1,), (1,)) for index in range(count))
    image = Image(**topics_of(Topic("large", id_of(1), partitions), Topic("next", id_of(2), partitions[:1])))
    assert snapshot.restore(snapshot.parts(image)) == image


@settings(max_examples=50)
@given(st.lists(st.integers(1, 600)))
def test_the_parts_may_have_any_size(cuts):
    data = stored(FULL)
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    assert snapshot.restore(data[start:end] for start, end in pairwise(places)) == FULL


def test_what_is_cut_is_told():
    data = stored(FULL)
    for end in range(len(data)):
        with pytest.raises(InvalidMetadata):
            snapshot.restore([data[:end]])


def item(**fields: object) -> bytes:
    data = msgspec.msgpack.encode(fields)
    return len(data).to_bytes(4, "big") + data


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"\x02", "format version 2"),
        (stored(FULL) + item(type="end", partition_count=2), "out of place"),
        (b"\x01" + item(type="end", partition_count=0), "out of place"),
        (b"\x01" + item(type="unheard of"), "cannot be read"),
        (stored(EMPTY)[:1] + b"\xff\xff\xff\xff", "over the limit"),
        (stored(EMPTY).replace(b"partition_count\x00", b"partition_count\x01"), "says it has 1"),
        (b"".join(list(snapshot.parts(EMPTY))[:2]) + item(type="partitions", partitions=[]), "before any topic"),
    ],
)
def test_what_is_no_snapshot_is_told(data, match):
    with pytest.raises(InvalidMetadata, match=match):
        snapshot.restore([data])


if __name__ == "__main__" and not FILE.exists():
    FILE.write_text(stored(FULL).hex() + "\n", "ascii")
