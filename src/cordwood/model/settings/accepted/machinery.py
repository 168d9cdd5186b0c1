"""What Kafka's brokers are told about their own insides: threads, sockets, logs, plug-ins, metrics.

Lives here: rows. Must not live here: a row that Cordwood acts on.
"""

from __future__ import annotations

from typing import Final

from cordwood.model.settings.accepted.row import family, row
from cordwood.model.settings.setting import LONG_MAX, Kind

SERVING: Final = family(
    "Threads, sockets and queues",
    "one event loop serves all connections",
    row("num.network.threads", Kind.INT, 3, "the threads that read requests and write answers", low=1, dynamic=True),
    row("num.io.threads", Kind.INT, 8, "the threads that carry out requests", low=1, dynamic=True),
    row("queued.max.requests", Kind.INT, 500, "how many requests may wait to be carried out", low=1),
    row("queued.max.request.bytes", Kind.LONG, -1, "how many bytes of requests may wait to be carried out"),
    row("request.timeout.ms", Kind.INT, 30_000, "how long a broker waits for an answer to its own requests"),
    row(
        "socket.connection.setup.timeout.max.ms",
        Kind.LONG,
        30_000,
        "the longest time for a connection of the broker's own",
    ),
    row("socket.connection.setup.timeout.ms", Kind.LONG, 10_000, "the first time for a connection of the broker's own"),
    row("socket.listen.backlog.size", Kind.INT, 50, "how many connections may wait to be accepted", low=1),
    row("socket.receive.buffer.bytes", Kind.INT, 102_400, "the receive buffer of sockets; here the system chooses it"),
    row("socket.send.buffer.bytes", Kind.INT, 102_400, "the send buffer of sockets; here the system chooses it"),
    row(
        "fetch.purgatory.purge.interval.requests",
        Kind.INT,
        1_000,
        "after how many fetches those that are done are forgotten",
    ),
    row(
        "producer.purgatory.purge.interval.requests",
        Kind.INT,
        1_000,
        "after how many writes those that are done are forgotten",
    ),
    row(
        "delete.records.purgatory.purge.interval.requests",
        Kind.INT,
        1,
        "after how many deletions those that are done are forgotten",
    ),
)

LOGS: Final = family(
    "Logs",
    "logs are kept by the rules of docs/STORAGE.md",
    row("log.cleaner.threads", Kind.INT, 1, "the threads that compact logs; here there is one", low=0, dynamic=True),
    row(
        "log.dir.failure.timeout.ms",
        Kind.LONG,
        30_000,
        "how long a broker whose data directory failed tries to tell the controller",
        low=1,
    ),
    row(
        "log.flush.start.offset.checkpoint.interval.ms",
        Kind.INT,
        60_000,
        "how often log start offsets are written to disk; here at once",
        low=0,
    ),
    row("num.replica.alter.log.dirs.threads", Kind.INT, None, "how many threads copy between data directories"),
    row(
        "replica.alter.log.dirs.io.max.bytes.per.second",
        Kind.LONG,
        LONG_MAX,
        "how many bytes in a second are copied between data directories",
        dynamic=True,
    ),
    row(
        "alter.log.dirs.replication.quota.window.num",
        Kind.INT,
        11,
        "over how many windows copies between data directories are measured",
        low=1,
    ),
    row(
        "alter.log.dirs.replication.quota.window.size.seconds",
        Kind.INT,
        1,
        "the length of each window over which copies between data directories are measured",
        low=1,
    ),
    row("cordoned.log.dirs", Kind.LIST, (), "data directories that get no new partitions", per_broker=True),
)

PLUGINS: Final = family(
    "Plug-ins",
    "there are no plug-ins in Java here",
    row("alter.config.policy.class.name", Kind.CLASS, None, "a class that judges changes of settings"),
    row("create.topic.policy.class.name", Kind.CLASS, None, "a class that judges new topics"),
    row("client.quota.callback.class", Kind.CLASS, None, "a class that computes quotas"),
    row("config.providers", Kind.LIST, (), "classes that look up values of settings elsewhere", dynamic=True),
)

METRICS: Final = family(
    "Metrics",
    "metrics are at /metrics of the HTTP listener",
    row(
        "metric.reporters",
        Kind.LIST,
        ("org.apache.kafka.common.metrics.JmxReporter",),
        "the classes that report metrics",
        dynamic=True,
    ),
    row("metrics.num.samples", Kind.INT, 2, "how many samples a metric is computed of", low=1),
    row("metrics.recording.level", Kind.STRING, "INFO", "which metrics are kept"),
    row("metrics.sample.window.ms", Kind.LONG, 30_000, "the length of a sample", low=1),
    row("kafka.metrics.reporters", Kind.LIST, (), "further classes that report metrics"),
    row("kafka.metrics.polling.interval.secs", Kind.INT, 10, "how often kafka.metrics.reporters are asked", low=1),
)
