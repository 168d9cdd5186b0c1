"""The uniform assignor: members have as many partitions as each other, as far as subscriptions allow, and keep theirs.

Lives here: that assignment. Must not live here: what one partition costs more than another: nobody says.

Topics with the same subscribers are one class. Whoever had a partition keeps it; what is free goes to the subscriber
with the fewest; then, class by class, the member with the most gives to the one with the fewest while that helps. When
all members subscribe to the same topics there is one class, and the result is balanced within one partition with as few
moves as possible. With more classes no single move could make it better (the promise of Kafka's own). Each move lowers
the sum of the squares of the members' numbers, so it ends.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from cordwood.groups.consumer.assignors.contract import PartitionCounts, Subscribers
from cordwood.groups.consumer.partitions import IdPartition, Partitions
from cordwood.model.ids import TopicId


class _Class:
    """The topics with one set of subscribers, and who has which of their partitions."""

    def __init__(self, members: list[str]) -> None:
        self.topics: list[TopicId] = []
        self.held: dict[str, list[IdPartition]] = {member_id: [] for member_id in members}
        """What somebody had before comes first, so that the last can be given away with less harm."""


def assign(members: Subscribers, topics: PartitionCounts) -> dict[str, Partitions]:
    """The partitions of each member."""
    classes = _classes(members, topics)
    loads = dict.fromkeys(members, 0)
    taken = _keep(members, topics, classes, loads)
    for alike in classes:
        free = [
            (topic_id, index)
            for topic_id in alike.topics
            for index in range(topics[topic_id])
            if (topic_id, index) not in taken
        ]
        _give_out(alike, free, loads)
    # A move in one class can make another possible in the next; alone, a class is settled at once.
    while sum(_level(alike, loads) for alike in classes) and len(classes) > 1:
        pass
    found: dict[str, list[IdPartition]] = {member_id: [] for member_id in members}
    for alike in classes:
        for member_id, partitions in alike.held.items():
            found[member_id] += partitions
    return {member_id: frozenset(partitions) for member_id, partitions in found.items()}


def _classes(members: Subscribers, topics: PartitionCounts) -> list[_Class]:
    """The classes, those with the fewest subscribers first: they have the least choice."""
    kinds: dict[frozenset[TopicId], list[str]] = {}
    for member_id in sorted(members):
        kinds.setdefault(members[member_id].topics, []).append(member_id)
    interested: dict[TopicId, list[int]] = {}
    groups = list(kinds.items())
    for number, (subscribed, _) in enumerate(groups):
        for topic_id in subscribed:
            if topic_id in topics:
                interested.setdefault(topic_id, []).append(number)
    classes: dict[tuple[int, ...], _Class] = {}
    for topic_id in sorted(interested):
        numbers = tuple(interested[topic_id])
        if numbers not in classes:
            classes[numbers] = _Class([member_id for number in numbers for member_id in groups[number][1]])
        classes[numbers].topics.append(topic_id)
    return sorted(classes.values(), key=lambda alike: len(alike.held))


def _keep(
    members: Subscribers, topics: PartitionCounts, classes: Iterable[_Class], loads: dict[str, int]
) -> set[IdPartition]:
    """Leaves everybody what it had and still wants; returns what is taken."""
    class_of = {topic_id: alike for alike in classes for topic_id in alike.topics}
    taken: set[IdPartition] = set()
    for member_id in sorted(members):
        subscriber = members[member_id]
        for partition in sorted(subscriber.target):
            topic_id, index = partition
            wanted = topic_id in subscriber.topics and index < topics.get(topic_id, 0)
            if wanted and partition not in taken:
                taken.add(partition)
                class_of[topic_id].held[member_id].append(partition)
                loads[member_id] += 1
    return taken


def _give_out(alike: _Class, free: Iterable[IdPartition], loads: dict[str, int]) -> None:
    """Gives each partition to the subscriber that has the fewest."""
    waiting = [(loads[member_id], member_id) for member_id in alike.held]
    heapq.heapify(waiting)
    for partition in free:
        load, member_id = waiting[0]
        alike.held[member_id].append(partition)
        loads[member_id] = load + 1
        heapq.heapreplace(waiting, (load + 1, member_id))


def _level(alike: _Class, loads: dict[str, int]) -> int:
    """Moves partitions of one class from who has the most to who has the fewest; returns how many."""
    moves = 0
    poor = [(loads[member_id], member_id) for member_id in alike.held]
    rich = [(-loads[member_id], member_id) for member_id, partitions in alike.held.items() if partitions]
    heapq.heapify(poor)
    heapq.heapify(rich)
    while rich:
        most, donor = -rich[0][0], rich[0][1]
        fewest, receiver = poor[0]
        if most != loads[donor] or not alike.held[donor]:
            heapq.heappop(rich)
        elif fewest != loads[receiver]:
            heapq.heappop(poor)
        elif most - fewest < 2:
            break
        else:
            alike.held[receiver].append(alike.held[donor].pop())
            loads[donor], loads[receiver] = most - 1, fewest + 1
            heapq.heapreplace(rich, (1 - most, donor))
            heapq.heappush(rich, (-fewest - 1, receiver))
            heapq.heapreplace(poor, (fewest + 1, receiver))
            heapq.heappush(poor, (most - 1, donor))
            moves += 1
    return moves
