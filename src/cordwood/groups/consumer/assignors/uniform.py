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
from collections.abc import Sequence

from cordwood.groups.consumer.assignors.contract import PartitionCounts, Subscribers
from cordwood.groups.consumer.partitions import IdPartition, Partitions
from cordwood.model.ids import TopicId


class _Class:
    """The topics with one set of subscribers, and who has which of their partitions."""

    def __init__(self, members: list[str]) -> None:
        self.topics: list[TopicId] = []
        self.members = members
        self.partitions: list[IdPartition] = []
        self.held: dict[str, list[IdPartition]] = {}
        """Of those who have any. What somebody had before comes first, so that the last can be given away with less harm."""


def assign(members: Subscribers, topics: PartitionCounts) -> dict[str, Partitions]:
    """The partitions of each member."""
    order = sorted(members)
    classes = _classes(members, order, topics)
    loads = dict.fromkeys(members, 0)
    changed: set[str] = set()
    taken = _keep(members, order, classes, loads, changed)
    for alike in classes:
        free = [partition for partition in alike.partitions if partition not in taken]
        _give_out(alike, free, loads, changed)
    # A move in one class can make another possible in the next; alone, a class is settled at once.
    while sum(_level(alike, loads, changed) for alike in classes) and len(classes) > 1:
        pass
    # Most members of a large group keep what they had: that is not made anew.
    assigned = {member_id: subscriber.target for member_id, subscriber in members.items()}
    for member_id in changed:
        held = [partition for alike in classes for partition in alike.held.get(member_id, ())]
        assigned[member_id] = frozenset(held)
    return assigned


def _classes(members: Subscribers, order: list[str], topics: PartitionCounts) -> list[_Class]:
    """The classes, those with the fewest subscribers first: they have the least choice."""
    kinds: dict[frozenset[TopicId], list[str]] = {}
    for member_id in order:
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
    for alike in classes.values():
        alike.partitions = [(topic_id, index) for topic_id in alike.topics for index in range(topics[topic_id])]
    return sorted(classes.values(), key=lambda alike: len(alike.members))


def _keep(
    members: Subscribers, order: list[str], classes: list[_Class], loads: dict[str, int], changed: set[str]
) -> set[IdPartition]:
    """Leaves everybody what it had and still wants; returns what is taken."""
    taken: set[IdPartition] = set()
    class_of = {topic_id: alike for alike in classes for topic_id in alike.topics}
    existing = {partition for alike in classes for partition in alike.partitions}
    alone = classes[0] if len(classes) == 1 else None
    wants_all = {kind: class_of.keys() <= kind for kind in {subscriber.topics for subscriber in members.values()}}
    for member_id in order:
        topic_ids, kept, _ = members[member_id]
        if not (wants_all[topic_ids] and kept <= existing and kept.isdisjoint(taken)):
            kept = frozenset([partition for partition in kept & existing if partition[0] in topic_ids]) - taken
            if len(kept) < len(members[member_id].target):
                changed.add(member_id)
        taken |= kept
        loads[member_id] = len(kept)
        if kept and alone is not None:
            alone.held[member_id] = sorted(kept)
        else:
            for partition in sorted(kept):
                class_of[partition[0]].held.setdefault(member_id, []).append(partition)
    return taken


def _give_out(alike: _Class, free: Sequence[IdPartition], loads: dict[str, int], changed: set[str]) -> None:
    """Gives each partition to the subscriber that has the fewest."""
    if not free:
        return
    waiting = [(loads[member_id], member_id) for member_id in alike.members]
    heapq.heapify(waiting)
    for partition in free:
        load, member_id = waiting[0]
        alike.held.setdefault(member_id, []).append(partition)
        loads[member_id] = load + 1
        changed.add(member_id)
        heapq.heapreplace(waiting, (load + 1, member_id))


def _level(alike: _Class, loads: dict[str, int], changed: set[str]) -> int:
    """Moves partitions of one class from who has the most to who has the fewest; returns how many."""
    moves = 0
    poor = [(loads[member_id], member_id) for member_id in alike.members]
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
            alike.held.setdefault(receiver, []).append(alike.held[donor].pop())
            changed.update((donor, receiver))
            loads[donor], loads[receiver] = most - 1, fewest + 1
            heapq.heapreplace(rich, (1 - most, donor))
            heapq.heappush(rich, (-fewest - 1, receiver))
            heapq.heapreplace(poor, (fewest + 1, receiver))
            heapq.heappush(poor, (most - 1, donor))
            moves += 1
    return moves
