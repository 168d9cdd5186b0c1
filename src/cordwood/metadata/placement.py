"""Which brokers hold the replicas of which partitions.

Lives here: the choice, and the judgement of a choice that a client made. Must not live here: chance; the beginning of
the round is handed in. Racks are not looked at yet.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cordwood.model.errors import InvalidReplicaAssignment, InvalidReplicationFactor


def place(
    brokers: Sequence[int], partitions: range, replication_factor: int, *, start: int
) -> tuple[tuple[int, ...], ...]:
    """Replicas for the partitions in turn: first replicas go round the brokers, and so do the others after them.

    The second and further replicas lie further off with every round, so that the followers of one broker's partitions
    are spread over all others. Raises InvalidReplicationFactor when there are too few brokers.
    """
    if not 1 <= replication_factor <= len(brokers):
        raise InvalidReplicationFactor(
            f"replication factor {replication_factor} is not possible with {len(brokers)} brokers"
            " registered: choose 1 to that number"
        )
    ordered = sorted(brokers)
    return tuple(_replicas(ordered, start + index, replication_factor) for index in partitions)


def check_assignment(replicas: Sequence[int], brokers: Collection[int], *, factor: int | None) -> None:
    """Raises InvalidReplicaAssignment unless these replicas are possible for a partition.

    `factor` is how many replicas the topic's other partitions have, None when there are no others.
    """
    if not replicas:
        raise InvalidReplicaAssignment("a partition is assigned to no broker: name one at least")
    if len(set(replicas)) < len(replicas):
        raise InvalidReplicaAssignment(f"assignment {list(replicas)} names a broker twice")
    unknown = sorted(set(replicas) - set(brokers))
    if unknown:
        raise InvalidReplicaAssignment(f"assignment {list(replicas)} names brokers that do not exist: {unknown}")
    if factor is not None and len(replicas) != factor:
        raise InvalidReplicaAssignment(
            f"assignment {list(replicas)} has {len(replicas)} replicas where other partitions have {factor}"
        )


def _replicas(ordered: Sequence[int], turn: int, replication_factor: int) -> tuple[int, ...]:
    count = len(ordered)
    first = turn % count
    if count == 1:
        return (ordered[0],)
    shift = turn // count
    others = [(first + 1 + (shift + step) % (count - 1)) % count for step in range(replication_factor - 1)]
    return tuple(ordered[place] for place in (first, *others))
