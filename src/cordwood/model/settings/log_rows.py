"""The settings of a broker that say how its logs are kept: where, in what segments, how long, and how safely.

Lives here: rows. Must not live here: logic. Nearly all of them are the default of a topic's setting (`topic_rows`).
Defaults and ranges are those of Apache Kafka 4.3 unless the document of the row says otherwise.
"""

from __future__ import annotations

from typing import Final

from cordwood.model.limits import BATCH_HEADER_SIZE_BYTES, INDEX_INTERVAL_BYTES
from cordwood.model.settings.setting import LONG_MAX, NO_EFFECT, Kind, Setting

MIB: Final = 1 << 20
FLUSH_POLICIES: Final = ("commit", "interval", "os")
TIMESTAMP_TYPES: Final = ("CreateTime", "LogAppendTime")

STORAGE: Final = (
    Setting(
        "log.dir",
        Kind.LIST,
        ("./data",),
        "The data directory, where `log.dirs` names none. Kafka's default is /tmp/kafka-logs.",
        acted_on=True,
    ),
    Setting(
        "log.dirs",
        Kind.LIST,
        None,
        "The data directories, with commas between them. The first also holds the cluster's metadata.",
        acted_on=True,
    ),
    Setting(
        "disk.reserve.bytes",
        Kind.LONG,
        64 * 1024 * 1024,
        "Room on each data directory's file system that partitions leave free, so that the metadata can always be "
        "written. A write that would take it is refused and may be tried again. Cordwood's own.",
        low=0,
        acted_on=True,
    ),
    Setting(
        "background.threads",
        Kind.INT,
        4,
        "Threads for work on disks that would make others wait. Kafka has 10, and lets it be changed while it runs.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "num.recovery.threads.per.data.dir",
        Kind.INT,
        2,
        "How many logs of each data directory are opened side by side at a start after a crash; after a clean stop one "
        "after the other is faster. A change counts from the next start on. Kafka closes logs with as many threads too.",
        low=1,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "log.flush.policy",
        Kind.STRING,
        "commit",
        "When a write is acknowledged: `commit` after it was synced to the device (one sync serves every waiter), "
        "`interval` at once, synced every flush.ms, `os` at once, written back when the kernel pleases, which is what "
        "Kafka does. Killing the process loses nothing under any of them; power failure loses what was not synced. "
        "Cordwood's own.",
        choices=FLUSH_POLICIES,
        dynamic=True,
        acted_on=True,
        aliases=("flush.policy",),
    ),
    Setting(
        "log.flush.interval.ms",
        Kind.LONG,
        1_000,
        "How often a log is synced under the flush policy `interval`. Kafka's default is never.",
        low=0,
        dynamic=True,
        acted_on=True,
        aliases=("flush.ms",),
    ),
    Setting(
        "log.flush.interval.messages",
        Kind.LONG,
        LONG_MAX,
        f"{NO_EFFECT}see `log.flush.policy`. In Kafka: how many records are written between two syncs.",
        low=1,
        dynamic=True,
    ),
    Setting(
        "log.flush.scheduler.interval.ms",
        Kind.LONG,
        LONG_MAX,
        f"{NO_EFFECT}see `log.flush.policy`. In Kafka: how often it is looked whether a log must be synced.",
    ),
    Setting(
        "log.segment.bytes",
        Kind.INT,
        1 << 30,
        "The size at which a log goes on in a new segment. Kafka takes no less than 1 MiB; Cordwood any "
        "size from that of one batch on, since small segments help in tests.",
        low=BATCH_HEADER_SIZE_BYTES,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "log.roll.ms",
        Kind.LONG,
        None,
        "The age at which a log goes on in a new segment, in milliseconds. Without it `log.roll.hours` counts.",
        low=1,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "log.roll.hours",
        Kind.INT,
        168,
        "The age at which a log goes on in a new segment, in hours.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "log.roll.jitter.ms",
        Kind.LONG,
        None,
        f"{NO_EFFECT}segments that are old go on in a new one when something is written. In Kafka: how much is taken off "
        "the age of a segment by chance, so that not all roll together.",
        low=0,
        dynamic=True,
    ),
    Setting(
        "log.roll.jitter.hours",
        Kind.INT,
        0,
        f"{NO_EFFECT}see `log.roll.jitter.ms`. In Kafka: the same in hours.",
        low=0,
    ),
    Setting(
        "log.index.interval.bytes",
        Kind.INT,
        INDEX_INTERVAL_BYTES,
        "One entry of the index for about so many bytes of the store. Kafka's default is 4096; Cordwood's entries "
        "are twice as large and half as many.",
        low=0,
        high=1 << 30,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "log.index.size.max.bytes",
        Kind.INT,
        10 * MIB,
        "The size of an index at which a log goes on in a new segment.",
        low=4,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "log.message.timestamp.type",
        Kind.STRING,
        "CreateTime",
        "Whether records keep the timestamp of their producer or get the time of their arrival.",
        choices=TIMESTAMP_TYPES,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "log.message.timestamp.before.max.ms",
        Kind.LONG,
        LONG_MAX,
        "How far a record's timestamp may lie in the past.",
        low=0,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "log.message.timestamp.after.max.ms",
        Kind.LONG,
        3_600_000,
        "How far a record's timestamp may lie in the future.",
        low=0,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "log.preallocate",
        Kind.BOOLEAN,
        False,
        f"{NO_EFFECT}segments grow as they are written. In Kafka: whether the room of a segment is taken when it begins.",
        dynamic=True,
    ),
)

RETENTION: Final = (
    Setting(
        "log.cleanup.policy",
        Kind.LIST,
        ("delete",),
        "What happens to old records: `delete` drops old segments, `compact` keeps the last record of each key.",
        choices=("compact", "delete"),
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "log.retention.bytes",
        Kind.LONG,
        -1,
        "The size of a partition beyond which old segments are deleted; -1 means any size.",
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "log.retention.ms",
        Kind.LONG,
        None,
        "The age at which segments are deleted, in milliseconds; -1 means never. "
        "Without it `log.retention.minutes` counts.",
        low=-1,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "log.retention.minutes",
        Kind.INT,
        None,
        "The same in minutes. Without it `log.retention.hours` counts.",
        low=-1,
        acted_on=True,
    ),
    Setting(
        "log.retention.hours",
        Kind.INT,
        168,
        "The same in hours.",
        low=-1,
        acted_on=True,
    ),
    Setting(
        "log.retention.check.interval.ms",
        Kind.LONG,
        300_000,
        "How often logs are looked at for segments that have outlived their retention.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "log.flush.offset.checkpoint.interval.ms",
        Kind.INT,
        60_000,
        "How often recovery points move up; after a crash only what lies beyond them is scanned.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "log.idle.ms",
        Kind.LONG,
        60_000,
        "A partition that is neither written to nor read from for so long closes its files and gives its memory back, until "
        "somebody uses it. Cordwood's own.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "log.open.files.limit",
        Kind.INT,
        2_000,
        "When more segments than this are open, partitions that were used longest ago close their files before they have "
        "been idle for log.idle.ms. Cordwood's own.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "log.segment.delete.delay.ms",
        Kind.LONG,
        60_000,
        "How long a deleted segment's files stay, for those who read in them.",
        low=0,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "log.cleaner.enable",
        Kind.BOOLEAN,
        True,
        "Whether topics with the cleanup policy `compact` are compacted.",
        acted_on=True,
    ),
    Setting(
        "log.cleaner.backoff.ms",
        Kind.LONG,
        15_000,
        "How long the compaction waits when there was nothing to compact.",
        low=0,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "log.cleaner.dedupe.buffer.size",
        Kind.LONG,
        134_217_728,
        "The memory for the keys of the log that is compacted; a log with more keys takes several rounds. Kafka demands as "
        "much for each of its threads.",
        low=MIB,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "log.cleaner.io.buffer.load.factor",
        Kind.DOUBLE,
        0.9,
        "How full that memory may be. Kafka takes any number.",
        low=0.01,
        high=1,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "log.cleaner.io.buffer.size",
        Kind.INT,
        524_288,
        "How much the compaction reads and writes at once. Kafka takes less than a batch needs, too.",
        low=BATCH_HEADER_SIZE_BYTES,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "log.cleaner.io.max.bytes.per.second",
        Kind.DOUBLE,
        1.7976931348623157e308,
        "How many bytes the compaction reads and writes in a second, together.",
        low=1,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "log.cleaner.delete.retention.ms",
        Kind.LONG,
        86_400_000,
        "How long compaction keeps tombstones.",
        low=0,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "log.cleaner.min.compaction.lag.ms",
        Kind.LONG,
        0,
        "Records younger than this are not compacted.",
        low=0,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "log.cleaner.max.compaction.lag.ms",
        Kind.LONG,
        LONG_MAX,
        "Records older than this are compacted even where little is to be gained.",
        low=1,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "log.cleaner.min.cleanable.ratio",
        Kind.DOUBLE,
        0.5,
        "The part of a log that must be uncompacted before it is compacted.",
        low=0,
        high=1,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "log.local.retention.bytes",
        Kind.LONG,
        -2,
        f"{NO_EFFECT}there is no tiered storage yet. In Kafka: the size kept on the broker's disk; -2 means the retention "
        "of the topic.",
        low=-2,
        dynamic=True,
    ),
    Setting(
        "log.local.retention.ms",
        Kind.LONG,
        -2,
        f"{NO_EFFECT}there is no tiered storage yet. In Kafka: the age kept on the broker's disk; -2 means the retention "
        "of the topic.",
        low=-2,
        dynamic=True,
    ),
)

LOG_ROWS: Final = (*STORAGE, *RETENTION)
