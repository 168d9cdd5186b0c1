"""Decisions about leaders: which replica is to lead a partition (ElectLeaders).

Lives here: the choice, with the errors of Kafka's controller. Must not live here: waiting and messages. A broker that is
registered counts as one that lives.

| election  | needed                              | who                                                                  |
|-----------|-------------------------------------|----------------------------------------------------------------------|
| preferred | another one than the first leads    | the first replica, if it is in sync                                  |
| unclean   | nobody leads                        | the first one in sync; else any, alone: what only others have is lost |
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

import msgspec

from cordwood.metadata.image import Image, Partition
from cordwood.metadata.records import PartitionChange, Record
from cordwood.metadata.result import Result
from cordwood.model.admin_errors import ElectionNotNeeded, EligibleLeadersNotAvailable, PreferredLeaderNotAvailable
from cordwood.model.errors import CordwoodError, InvalidRequest
from cordwood.model.ids import TopicPartition


class Election(IntEnum):
    """The kinds of elections; the numbers are those of ElectLeaders (KIP-460)."""

    PREFERRED = 0
    UNCLEAN = 1


class Elected(msgspec.Struct, frozen=True):
    """What became of the election in a partition."""

    partition: TopicPartition
    error: CordwoodError | None


class _Choice(NamedTuple):
    leader: int
    isr: tuple[int, ...]


def elect(image: Image, wanted: Sequence[TopicPartition] | None, kind: int) -> Result[list[Elected]]:
    """Elects leaders; the reply is in the order of the wish.

    None stands for all partitions, and the reply tells only of those that needed an election. Raises InvalidRequest for a kind that there is not. Errors of items: UnknownTopic, ElectionNotNeeded,
    PreferredLeaderNotAvailable, EligibleLeadersNotAvailable.
    """
    if kind not in Election.__members__.values():
        raise InvalidRequest(f"there are no elections of type {kind}")
    election = Election(kind)
    records: dict[TopicPartition, Record] = {}
    reply = []
    for name in _all(image) if wanted is None else wanted:
        try:
            records[name] = _changed(image, name, election)
        except ElectionNotNeeded as error:
            if wanted is not None:
                reply.append(Elected(name, error))
        except CordwoodError as error:
            reply.append(Elected(name, error))
        else:
            reply.append(Elected(name, None))
    return Result(tuple(records.values()), reply)


def _all(image: Image) -> list[TopicPartition]:
    return [TopicPartition(topic.name, one.index) for topic in image.topics.values() for one in topic.partitions]


def _changed(image: Image, name: TopicPartition, election: Election) -> PartitionChange:
    partition = image.partition(name.topic, name.partition)
    choice = _preferred(image, name, partition) if election is Election.PREFERRED else _any(image, name, partition)
    topic_id = image.topic(name.topic).id
    return PartitionChange(topic_id, name.partition, choice.leader, partition.leader_epoch + 1, choice.isr)


def _preferred(image: Image, name: TopicPartition, partition: Partition) -> _Choice:
    first = partition.replicas[0]
    if partition.leader == first:
        raise ElectionNotNeeded(str(name), first)
    if first not in partition.isr or first not in image.brokers:
        raise PreferredLeaderNotAvailable(str(name), first)
    return _Choice(first, partition.isr)


def _any(image: Image, name: TopicPartition, partition: Partition) -> _Choice:
    if partition.leader >= 0:
        raise ElectionNotNeeded(str(name), partition.leader)
    alive = [replica for replica in partition.replicas if replica in image.brokers]
    in_sync = [replica for replica in alive if replica in partition.isr]
    if in_sync:
        return _Choice(in_sync[0], partition.isr)
    if alive:
        return _Choice(alive[0], (alive[0],))
    raise EligibleLeadersNotAvailable(str(name), partition.replicas)
