"""Sets of partitions, by topic and flat."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cordwood.groups.consumer.partitions import by_topic, flatten
from cordwood.model.ids import TopicId

A, B = TopicId(b"a" * 16), TopicId(b"b" * 16)


def test_partitions_are_sorted_by_topic():
    assert list(by_topic(frozenset({(B, 1), (A, 2), (A, 0)})).items()) == [(A, [0, 2]), (B, [1])]


@given(partitions=st.frozensets(st.tuples(st.sampled_from([A, B]), st.integers(0, 9))))
def test_there_and_back(partitions):
    assert flatten(by_topic(partitions).items()) == partitions
