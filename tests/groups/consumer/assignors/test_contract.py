"""Every assignor keeps the contract: each partition that somebody wants goes to one who wants it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.groups.consumer.assignors import ASSIGNORS
from cordwood.groups.consumer.assignors.contract import Subscriber
from cordwood.groups.settings import GroupSettings
from cordwood.model.ids import TopicId

TOPICS = [TopicId(bytes([number]) * 16) for number in range(4)]
COUNTS = st.dictionaries(st.sampled_from(TOPICS[:3]), st.integers(1, 7))
MEMBERS = st.dictionaries(
    st.sampled_from([f"m{number}" for number in range(6)]),
    st.builds(
        Subscriber,
        st.frozensets(st.sampled_from(TOPICS)),
        st.frozensets(st.tuples(st.sampled_from(TOPICS), st.integers(0, 8)), max_size=6),
        st.sampled_from([None, "i1", "i2"]),
    ),
)


def test_the_settings_name_assignors_that_there_are():
    assert set(GroupSettings().consumer_assignors) == set(ASSIGNORS)


@pytest.mark.parametrize("name", ASSIGNORS)
@given(members=MEMBERS, counts=COUNTS)
def test_each_partition_goes_to_one_who_wants_it(name, members, counts):
    given_out = ASSIGNORS[name](members, counts)
    assert given_out.keys() == members.keys()
    everything = [partition for partitions in given_out.values() for partition in partitions]
    wanted = {
        (topic_id, index)
        for topic_id, count in counts.items()
        if any(topic_id in member.topics for member in members.values())
        for index in range(count)
    }
    assert sorted(everything) == sorted(wanted)
    for member_id, partitions in given_out.items():
        assert {topic_id for topic_id, _ in partitions} <= members[member_id].topics
    assert ASSIGNORS[name](dict(reversed(members.items())), counts) == given_out
