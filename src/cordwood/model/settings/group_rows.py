"""The settings of groups, and of the offsets that they commit.

Lives here: rows. Must not live here: logic. Names, defaults and ranges are those of Apache Kafka 4.3 unless the document
of the row says otherwise. Settings of share and streams groups are in `accepted_rows`.
"""

from __future__ import annotations

from typing import Final

from cordwood.model.limits import BATCH_HEADER_SIZE_BYTES
from cordwood.model.settings.setting import INT_MAX, NO_EFFECT, Kind, Setting

CLASSIC: Final = (
    Setting(
        "group.initial.rebalance.delay.ms",
        Kind.INT,
        3_000,
        "How long the first rebalance of an empty group of the classic protocol waits for more members to come.",
        low=0,
        acted_on=True,
    ),
    Setting(
        "group.min.session.timeout.ms",
        Kind.INT,
        6_000,
        "The shortest session timeout that a member of the classic protocol may ask for.",
        low=0,
        acted_on=True,
    ),
    Setting(
        "group.max.session.timeout.ms",
        Kind.INT,
        1_800_000,
        "The longest session timeout that a member of the classic protocol may ask for.",
        low=0,
        acted_on=True,
    ),
    Setting(
        "group.max.size",
        Kind.INT,
        INT_MAX,
        "The most members of a group of the classic protocol.",
        low=1,
        acted_on=True,
    ),
)

CONSUMER: Final = (
    Setting(
        "group.consumer.session.timeout.ms",
        Kind.INT,
        45_000,
        "A member of the consumer protocol (KIP-848) that was not heard of for so long is removed.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "group.consumer.heartbeat.interval.ms",
        Kind.INT,
        5_000,
        "How often members of the consumer protocol are told to send a heartbeat.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "group.consumer.max.size",
        Kind.INT,
        INT_MAX,
        "The most members of a group of the consumer protocol.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "group.consumer.assignors",
        Kind.LIST,
        ("uniform", "range"),
        "The server-side assignors that members may choose; the first is taken when nobody chooses. Kafka takes "
        "classes here, too; Cordwood knows these two.",
        choices=("uniform", "range"),
        acted_on=True,
    ),
    Setting(
        "group.consumer.migration.policy",
        Kind.STRING,
        "bidirectional",
        "Which groups with members may change their protocol while they run: from classic to consumer (upgrade), "
        "back (downgrade), both or none.",
        choices=("bidirectional", "upgrade", "downgrade", "disabled"),
        acted_on=True,
    ),
    *(
        Setting(
            f"group.consumer.{bound}.{name}",
            Kind.INT,
            default,
            f"The {word} that a group's own consumer.{name} may say.",
            low=1,
            acted_on=True,
        )
        for name, bound, word, default in (
            ("session.timeout.ms", "min", "least", 45_000),
            ("session.timeout.ms", "max", "most", 60_000),
            ("heartbeat.interval.ms", "min", "least", 5_000),
            ("heartbeat.interval.ms", "max", "most", 15_000),
        )
    ),
    *(
        Setting(
            name,
            Kind.INT,
            default,
            f"{NO_EFFECT}a new assignment is made as soon as one is needed.",
            low=0,
            dynamic=name == "group.consumer.assignment.interval.ms",
        )
        for name, default in (
            ("group.consumer.assignment.interval.ms", 1_000),
            ("group.consumer.max.assignment.interval.ms", 15_000),
            ("group.consumer.min.assignment.interval.ms", 0),
        )
    ),
)

COORDINATOR: Final = (
    Setting(
        "group.coordinator.rebalance.protocols",
        Kind.LIST,
        ("classic", "consumer", "streams"),
        f"{NO_EFFECT}the classic and the consumer protocol are always there, those that Kafka calls streams and "
        "share are not.",
        choices=("classic", "consumer", "share", "streams"),
    ),
    Setting(
        "group.coordinator.append.linger.ms",
        Kind.INT,
        -1,
        f"{NO_EFFECT}what is decided in one turn of the event loop is written at its end.",
        low=-1,
    ),
    Setting(
        "group.coordinator.background.threads",
        Kind.INT,
        2,
        f"{NO_EFFECT}logs are loaded in the threads that `background.threads` counts.",
        low=1,
    ),
    Setting("group.coordinator.threads", Kind.INT, 4, f"{NO_EFFECT}groups are the event loop's work.", low=1),
    Setting(
        "group.coordinator.cached.buffer.max.bytes",
        Kind.INT,
        1_048_588,
        f"{NO_EFFECT}no buffer is kept.",
        low=524_288,
        dynamic=True,
    ),
)

OFFSETS: Final = (
    Setting(
        "offset.metadata.max.bytes",
        Kind.INT,
        4_096,
        "The longest text that a client may keep beside a committed offset.",
        low=0,
        acted_on=True,
    ),
    Setting(
        "offsets.retention.minutes",
        Kind.INT,
        10_080,
        "How long committed offsets are kept after their group has lost its last member, or, where nobody is "
        "subscribed to the topic, after the commit.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "offsets.retention.check.interval.ms",
        Kind.LONG,
        600_000,
        "How often expired offsets are looked for, and groups that have neither members nor offsets.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "offsets.load.buffer.size",
        Kind.INT,
        5_242_880,
        "How many bytes of a partition of __consumer_offsets are read in one piece when its groups are loaded.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "offsets.commit.timeout.ms",
        Kind.INT,
        5_000,
        f"{NO_EFFECT}a commit is answered as soon as it is as durable as flush.policy asks.",
        low=1,
    ),
    Setting(
        "offsets.topic.num.partitions",
        Kind.INT,
        50,
        "The number of partitions of __consumer_offsets when it is made. It decides which broker coordinates which "
        "group, so the partitions of that topic must not be changed later.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "offsets.topic.replication.factor",
        Kind.SHORT,
        3,
        "The most replicas that __consumer_offsets is made with. Kafka does not make it before there are so many "
        "brokers; Cordwood takes those that there are.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "offsets.topic.segment.bytes",
        Kind.INT,
        104_857_600,
        "segment.bytes of __consumer_offsets when it is made. Kafka takes less than a batch needs, too.",
        low=BATCH_HEADER_SIZE_BYTES,
        acted_on=True,
    ),
    Setting(
        "offsets.topic.compression.codec",
        Kind.INT,
        0,
        "How the records of groups are compressed: 0 not at all, 1 gzip, 2 snappy, 3 lz4, 4 zstd. Kafka finds out at the "
        "first write that another number is none.",
        low=0,
        high=4,
        acted_on=True,
    ),
)

GROUP_ROWS: Final[tuple[Setting, ...]] = (*CLASSIC, *CONSUMER, *COORDINATOR, *OFFSETS)
