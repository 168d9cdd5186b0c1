"""What Kafka's brokers are told about kinds of groups that Cordwood does not have.

Lives here: rows. Must not live here: a row that Cordwood acts on.
"""

from __future__ import annotations

from typing import Final

from cordwood.model.settings.accepted.row import family, row
from cordwood.model.settings.setting import INT_MAX, Kind

SHARE_GROUPS: Final = family(
    "Share groups",
    "there are no share groups yet",
    row("group.share.session.timeout.ms", Kind.INT, 45_000, "after how long a silent member is removed", low=1),
    row(
        "group.share.min.session.timeout.ms",
        Kind.INT,
        45_000,
        "the least that a group's own share.session.timeout.ms may say",
        low=1,
    ),
    row("group.share.max.session.timeout.ms", Kind.INT, 60_000, "the most that it may say", low=1),
    row("group.share.heartbeat.interval.ms", Kind.INT, 5_000, "how often members send a heartbeat", low=1),
    row(
        "group.share.min.heartbeat.interval.ms",
        Kind.INT,
        5_000,
        "the least that a group's own share.heartbeat.interval.ms may say",
        low=1,
    ),
    row("group.share.max.heartbeat.interval.ms", Kind.INT, 15_000, "the most that it may say", low=1),
    row(
        "group.share.assignment.interval.ms", Kind.INT, 1_000, "the pause between two assignments", low=0, dynamic=True
    ),
    row(
        "group.share.min.assignment.interval.ms",
        Kind.INT,
        0,
        "the least that a group's own share.assignment.interval.ms may say",
        low=0,
    ),
    row("group.share.max.assignment.interval.ms", Kind.INT, 15_000, "the most that it may say", low=0),
    row("group.share.delivery.count.limit", Kind.INT, 5, "how often a record is handed out", low=2, high=10),
    row(
        "group.share.min.delivery.count.limit",
        Kind.INT,
        2,
        "the least that a group's own share.delivery.count.limit may say",
        low=2,
        high=5,
    ),
    row("group.share.max.delivery.count.limit", Kind.INT, 10, "the most that it may say", low=5, high=25),
    row(
        "group.share.partition.max.record.locks",
        Kind.INT,
        2_000,
        "how many records of a partition may be in the hands of members",
        low=100,
        high=10_000,
    ),
    row(
        "group.share.min.partition.max.record.locks",
        Kind.INT,
        100,
        "the least that a group's own share.partition.max.record.locks may say",
        low=100,
        high=2_000,
    ),
    row(
        "group.share.max.partition.max.record.locks",
        Kind.INT,
        4_000,
        "the most that it may say",
        low=2_000,
        high=10_000,
    ),
    row(
        "group.share.record.lock.duration.ms",
        Kind.INT,
        30_000,
        "for how long a record is one member's alone",
        low=1_000,
        high=3_600_000,
    ),
    row(
        "group.share.min.record.lock.duration.ms",
        Kind.INT,
        15_000,
        "the least that a group's own share.record.lock.duration.ms may say",
        low=1_000,
        high=30_000,
    ),
    row(
        "group.share.max.record.lock.duration.ms",
        Kind.INT,
        60_000,
        "the most that it may say",
        low=30_000,
        high=3_600_000,
    ),
    row("group.share.max.size", Kind.INT, 200, "the most members of a group", low=1, high=1_000),
    row("group.share.max.share.sessions", Kind.INT, 2_000, "the most share sessions at one time", low=1),
    row("group.share.assignors", Kind.LIST, ("simple",), "the assignors of share groups"),
    row(
        "share.coordinator.append.linger.ms",
        Kind.INT,
        -1,
        "how long writes of the state of share groups wait for more",
        low=-1,
    ),
    row(
        "share.coordinator.cached.buffer.max.bytes",
        Kind.INT,
        1_048_588,
        "the room for such writes that is kept",
        low=524_288,
        dynamic=True,
    ),
    row(
        "share.coordinator.load.buffer.size", Kind.INT, 5_242_880, "how much of that state is read in one piece", low=1
    ),
    row(
        "share.coordinator.snapshot.update.records.per.snapshot",
        Kind.INT,
        500,
        "after how many changes the state is written whole",
        low=0,
        high=500,
    ),
    row("share.coordinator.state.topic.compression.codec", Kind.INT, 0, "how the topic of that state is compressed"),
    row("share.coordinator.state.topic.min.isr", Kind.SHORT, 2, "min.insync.replicas of that topic", low=1),
    row("share.coordinator.state.topic.num.partitions", Kind.INT, 50, "the partitions of that topic", low=1),
    row("share.coordinator.state.topic.replication.factor", Kind.SHORT, 3, "the replicas of that topic", low=1),
    row("share.coordinator.state.topic.segment.bytes", Kind.INT, 104_857_600, "segment.bytes of that topic", low=1),
    row("share.coordinator.threads", Kind.INT, 1, "the threads of the coordinator", low=1),
    row("share.coordinator.write.timeout.ms", Kind.INT, 5_000, "how long a write of that state may take", low=1),
    row(
        "share.fetch.purgatory.purge.interval.requests",
        Kind.INT,
        1_000,
        "after how many fetches those that are done are forgotten",
    ),
)

STREAMS_GROUPS: Final = family(
    "Streams groups",
    "there are no streams groups yet",
    row("group.streams.session.timeout.ms", Kind.INT, 45_000, "after how long a silent member is removed", low=1),
    row(
        "group.streams.min.session.timeout.ms",
        Kind.INT,
        45_000,
        "the least that a group's own streams.session.timeout.ms may say",
        low=1,
    ),
    row("group.streams.max.session.timeout.ms", Kind.INT, 60_000, "the most that it may say", low=1),
    row("group.streams.heartbeat.interval.ms", Kind.INT, 5_000, "how often members send a heartbeat", low=1),
    row(
        "group.streams.min.heartbeat.interval.ms",
        Kind.INT,
        5_000,
        "the least that a group's own streams.heartbeat.interval.ms may say",
        low=1,
    ),
    row("group.streams.max.heartbeat.interval.ms", Kind.INT, 15_000, "the most that it may say", low=1),
    row(
        "group.streams.assignment.interval.ms",
        Kind.INT,
        1_000,
        "the pause between two assignments",
        low=0,
        dynamic=True,
    ),
    row(
        "group.streams.min.assignment.interval.ms",
        Kind.INT,
        0,
        "the least that a group's own streams.assignment.interval.ms may say",
        low=0,
    ),
    row("group.streams.max.assignment.interval.ms", Kind.INT, 15_000, "the most that it may say", low=0),
    row(
        "group.streams.initial.rebalance.delay.ms",
        Kind.INT,
        3_000,
        "how long the first rebalance of a group waits for more members",
        low=0,
    ),
    row("group.streams.num.standby.replicas", Kind.INT, 0, "how many copies of the state of each task are kept", low=0),
    row(
        "group.streams.max.standby.replicas",
        Kind.INT,
        2,
        "the most that a group's own streams.num.standby.replicas may say",
        low=0,
    ),
    row("group.streams.max.size", Kind.INT, INT_MAX, "the most members of a group", low=1),
)
