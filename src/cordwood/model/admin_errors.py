"""The errors of administration: leaders, moves of partitions, directories, features.

Lives here: exception classes, as in `errors`, which has the rules. Must not live here: any recovery.
"""

from __future__ import annotations

from cordwood.model.errors import CordwoodError


class ElectionNotNeeded(CordwoodError):
    """The partition has the leader that an election would give it."""

    retriable = True

    def __init__(self, partition: str, leader: int) -> None:
        super().__init__(f"{partition} needs no election: broker {leader} leads it")
        self.partition = partition
        self.leader = leader


class PreferredLeaderNotAvailable(CordwoodError):
    """The first replica of the partition cannot lead it now."""

    retriable = True

    def __init__(self, partition: str, preferred: int) -> None:
        super().__init__(
            f"broker {preferred}, which is to lead {partition} first, is not in sync or not in the cluster"
        )
        self.partition = partition
        self.preferred = preferred


class EligibleLeadersNotAvailable(CordwoodError):
    """No replica of the partition can lead it now, not even at the price of records."""

    retriable = True

    def __init__(self, partition: str, replicas: tuple[int, ...]) -> None:
        super().__init__(f"none of the brokers {list(replicas)} of {partition} is in the cluster")
        self.partition = partition
        self.replicas = replicas


class NoReassignmentInProgress(CordwoodError):
    """There is no move of the partition that could be cancelled."""

    def __init__(self, partition: str) -> None:
        super().__init__(f"{partition} is not on the move: there is nothing to cancel")
        self.partition = partition


class LogDirectoryNotFound(CordwoodError):
    """The broker has no data directory of this path."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is none of the directories of log.dirs: name one as DescribeLogDirs does")
        self.path = path


class InvalidFeatureLevel(CordwoodError):
    """The cluster cannot run with this level of the feature, or not get there in the way that was asked for."""

    def __init__(self, feature: str, level: int, reason: str) -> None:
        super().__init__(f"feature {feature!r} cannot have level {level}: {reason}")
        self.feature = feature
        self.level = level
        self.reason = reason
