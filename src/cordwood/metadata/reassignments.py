"""Decisions about moves of partitions between brokers (AlterPartitionReassignments).

Lives here: the judgement, with the errors of Kafka's controller. Must not live here: waiting and messages.

Partitions are not replicated yet, so nothing can go to another broker: what is asked for is the way things are, and done
at once, or it is refused. No move is ever under way.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cordwood.metadata.image import Image
from cordwood.metadata.placement import check_assignment
from cordwood.metadata.result import Result
from cordwood.model.admin_errors import NoReassignmentInProgress
from cordwood.model.errors import CordwoodError, InvalidReplicaAssignment, InvalidReplicationFactor
from cordwood.model.ids import TopicPartition


class Reassignment(msgspec.Struct, frozen=True):
    """The brokers that a partition is to have, the first to lead; None ends a move that is under way."""

    partition: TopicPartition
    replicas: tuple[int, ...] | None


class Reassigned(msgspec.Struct, frozen=True):
    """What became of a Reassignment."""

    partition: TopicPartition
    error: CordwoodError | None


def reassign(
    image: Image, wanted: Sequence[Reassignment], *, may_change_factor: bool = True
) -> Result[list[Reassigned]]:
    """Moves partitions; the reply is in the order of the wish.

    Errors of items: UnknownTopic, NoReassignmentInProgress, InvalidReplicaAssignment, InvalidReplicationFactor.
    """
    return Result((), [Reassigned(item.partition, _reason(image, item, may_change_factor)) for item in wanted])


def _reason(image: Image, wish: Reassignment, may_change_factor: bool) -> CordwoodError | None:
    """Why a wish cannot be granted; None if it is the way things are."""
    try:
        _check(image, wish, may_change_factor)
    except CordwoodError as error:
        return error
    return None


def _check(image: Image, wish: Reassignment, may_change_factor: bool) -> None:
    current = image.partition(*wish.partition).replicas
    if wish.replicas is None:
        raise NoReassignmentInProgress(str(wish.partition))
    check_assignment(wish.replicas, image.brokers, factor=None)
    if len(wish.replicas) != len(current) and not may_change_factor:
        raise InvalidReplicationFactor(
            f"{wish.partition} has {len(current)} replicas and would have {len(wish.replicas)}, "
            "which the request does not allow"
        )
    if wish.replicas != current:
        raise InvalidReplicaAssignment(
            f"{wish.partition} stays on broker {current[0]}: Cordwood does not replicate partitions yet, "
            "and so none can move to other brokers"
        )
