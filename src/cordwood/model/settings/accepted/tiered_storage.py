"""What Kafka's brokers are told about segments in an object store.

Lives here: rows. Must not live here: a row that Cordwood acts on.
"""

from __future__ import annotations

from typing import Final

from cordwood.model.settings.accepted.row import family, row
from cordwood.model.settings.setting import LONG_MAX, Kind

TIERED_STORAGE: Final = family(
    "Tiered storage",
    "there is no tiered storage yet",
    row(
        "remote.log.storage.system.enable", Kind.BOOLEAN, False, "whether old segments are copied into an object store"
    ),
    row("remote.log.storage.manager.class.name", Kind.STRING, None, "the class that copies segments there and back"),
    row("remote.log.storage.manager.class.path", Kind.STRING, None, "where the class is that copies segments"),
    row(
        "remote.log.storage.manager.impl.prefix",
        Kind.STRING,
        "rsm.config.",
        "how the names of the settings begin of the class that copies segments",
    ),
    row(
        "remote.log.metadata.manager.class.name",
        Kind.STRING,
        "org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager",
        "the class that remembers which segments were copied",
    ),
    row("remote.log.metadata.manager.class.path", Kind.STRING, None, "where the class is that remembers copies"),
    row(
        "remote.log.metadata.manager.impl.prefix",
        Kind.STRING,
        "rlmm.config.",
        "how the names of the settings begin of the class that remembers copies",
    ),
    row(
        "remote.log.metadata.manager.listener.name",
        Kind.STRING,
        None,
        "the listener by which the class that remembers copies reaches brokers",
    ),
    row(
        "remote.log.metadata.custom.metadata.max.bytes",
        Kind.INT,
        128,
        "how much the store may note about a segment",
        low=0,
    ),
    row("remote.log.manager.thread.pool.size", Kind.INT, 2, "threads that copy segments and delete copies", low=1),
    row("remote.log.manager.copier.thread.pool.size", Kind.INT, 10, "threads that copy segments", low=1, dynamic=True),
    row(
        "remote.log.manager.expiration.thread.pool.size",
        Kind.INT,
        10,
        "threads that delete copies that are too old",
        low=1,
        dynamic=True,
    ),
    row(
        "remote.log.manager.follower.thread.pool.size",
        Kind.INT,
        2,
        "threads that work for followers",
        low=1,
        dynamic=True,
    ),
    row(
        "remote.log.manager.task.interval.ms", Kind.LONG, 30_000, "how often it is looked which segments to copy", low=1
    ),
    row(
        "remote.log.manager.copy.max.bytes.per.second",
        Kind.LONG,
        LONG_MAX,
        "how many bytes are copied in a second",
        low=1,
        dynamic=True,
    ),
    row("remote.log.manager.copy.quota.window.num", Kind.INT, 11, "over how many windows copying is measured", low=1),
    row(
        "remote.log.manager.copy.quota.window.size.seconds",
        Kind.INT,
        1,
        "the length of each window over which copying is measured",
        low=1,
    ),
    row(
        "remote.log.manager.fetch.max.bytes.per.second",
        Kind.LONG,
        LONG_MAX,
        "how many bytes are read back in a second",
        low=1,
        dynamic=True,
    ),
    row(
        "remote.log.manager.fetch.quota.window.num",
        Kind.INT,
        11,
        "over how many windows reading of copies is measured",
        low=1,
    ),
    row(
        "remote.log.manager.fetch.quota.window.size.seconds",
        Kind.INT,
        1,
        "the length of each window over which reading of copies is measured",
        low=1,
    ),
    row("remote.log.reader.threads", Kind.INT, 10, "threads that read copies", low=1, dynamic=True),
    row("remote.log.reader.max.pending.tasks", Kind.INT, 100, "how many reads of copies may wait", low=1),
    row(
        "remote.log.index.file.cache.total.size.bytes",
        Kind.LONG,
        1_073_741_824,
        "the room for indexes of copies on the broker's disk",
        low=1,
        dynamic=True,
    ),
    row("remote.fetch.max.wait.ms", Kind.INT, 500, "how long a fetch waits for a copy", low=1, dynamic=True),
    row(
        "remote.list.offsets.request.timeout.ms",
        Kind.LONG,
        30_000,
        "how long the search for an offset in copies may take",
        low=1,
        dynamic=True,
    ),
    row(
        "follower.fetch.last.tiered.offset.enable",
        Kind.BOOLEAN,
        False,
        "whether a follower begins behind what was copied",
        dynamic=True,
    ),
)
