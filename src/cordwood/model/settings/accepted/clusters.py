"""What Kafka's brokers are told about each other: replication, and who is in the cluster.

Lives here: rows. Must not live here: a row that Cordwood acts on.
"""

from __future__ import annotations

from typing import Final

from cordwood.model.settings.accepted.row import family, row
from cordwood.model.settings.setting import LONG_MAX, Kind

REPLICATION: Final = family(
    "Replication",
    "brokers do not copy partitions from each other yet",
    row("num.replica.fetchers", Kind.INT, 1, "how many threads copy from each broker", low=1, dynamic=True),
    row("replica.fetch.backoff.ms", Kind.INT, 1_000, "the pause after a copy that failed", low=0),
    row("replica.fetch.max.bytes", Kind.INT, 1_048_576, "how much of a partition a follower fetches at a time", low=0),
    row("replica.fetch.min.bytes", Kind.INT, 1, "how much there must be before a follower is answered"),
    row(
        "replica.fetch.response.max.bytes",
        Kind.INT,
        10_485_760,
        "how much of all partitions together a follower fetches at a time",
        low=0,
    ),
    row("replica.fetch.wait.max.ms", Kind.INT, 500, "how long a follower waits for more"),
    row(
        "replica.high.watermark.checkpoint.interval.ms",
        Kind.LONG,
        5_000,
        "how often high watermarks are written to disk",
    ),
    row("replica.lag.time.max.ms", Kind.LONG, 30_000, "how long a follower may be behind and be in sync"),
    row("replica.selector.class", Kind.STRING, None, "a class that says from which replica a consumer reads"),
    row("replica.socket.receive.buffer.bytes", Kind.INT, 65_536, "the receive buffer of followers' sockets"),
    row("replica.socket.timeout.ms", Kind.INT, 30_000, "how long a follower waits for an answer"),
    row(
        "auto.leader.rebalance.enable",
        Kind.BOOLEAN,
        True,
        "whether the first replica of a partition becomes its leader again",
    ),
    row(
        "leader.imbalance.check.interval.seconds",
        Kind.LONG,
        300,
        "how often it is looked whether leaders should move back",
        low=1,
    ),
    row(
        "leader.replication.throttled.rate",
        Kind.LONG,
        LONG_MAX,
        "how many bytes in a second leaders send for throttled replicas",
        dynamic=True,
    ),
    row(
        "follower.replication.throttled.rate",
        Kind.LONG,
        LONG_MAX,
        "how many bytes in a second followers fetch for throttled replicas",
        dynamic=True,
    ),
    row("replication.quota.window.num", Kind.INT, 11, "over how many windows replication is measured", low=1),
    row(
        "replication.quota.window.size.seconds",
        Kind.INT,
        1,
        "the length of each window over which replication is measured",
        low=1,
    ),
    row("controller.socket.timeout.ms", Kind.INT, 30_000, "how long a controller waits for a broker's answer"),
)

CLUSTER: Final = family(
    "Brokers and controllers",
    "members of a cluster find, watch and leave each other by the rules of docs/CLUSTER.md",
    row(
        "process.roles",
        Kind.LIST,
        None,
        "whether a node is a broker, a controller or both; here every node is both",
        choices=("broker", "controller"),
    ),
    row("broker.heartbeat.interval.ms", Kind.INT, 2_000, "how often a broker tells the controller that it is alive"),
    row("broker.session.timeout.ms", Kind.INT, 9_000, "after how long a silent broker counts as gone"),
    row("initial.broker.registration.timeout.ms", Kind.INT, 60_000, "how long a broker tries to register"),
    row(
        "controlled.shutdown.enable", Kind.BOOLEAN, True, "whether a broker hands its leaderships over before it stops"
    ),
    row("inter.broker.listener.name", Kind.STRING, None, "the listener by which brokers reach each other"),
    row("early.start.listeners", Kind.LIST, None, "listeners that are opened before a broker is ready"),
    row("controller.quorum.append.linger.ms", Kind.INT, 25, "how long changes of the metadata wait for more", low=0),
    row(
        "controller.quorum.auto.join.enable",
        Kind.BOOLEAN,
        False,
        "whether a controller joins the voters by itself; here `cordwood cluster add` does it",
    ),
    row("controller.quorum.election.backoff.max.ms", Kind.INT, 1_000, "the longest pause between two elections", low=0),
    row("controller.quorum.election.timeout.ms", Kind.INT, 1_000, "how long an election may take", low=0),
    row(
        "metadata.log.dir",
        Kind.STRING,
        None,
        "the directory of the log of the metadata; here it is in the first data directory",
    ),
    row(
        "metadata.log.max.snapshot.interval.ms",
        Kind.LONG,
        3_600_000,
        "after how long a snapshot of the metadata is made at the latest",
        low=0,
    ),
    row(
        "metadata.log.segment.ms",
        Kind.LONG,
        604_800_000,
        "after how long the log of the metadata goes on in a new file",
    ),
    row(
        "metadata.max.idle.interval.ms",
        Kind.INT,
        500,
        "how often the controller writes when nothing changes",
        low=0,
    ),
    row("metadata.max.retention.bytes", Kind.LONG, 104_857_600, "how much of the log of the metadata is kept"),
    row("metadata.max.retention.ms", Kind.LONG, 604_800_000, "how long the log of the metadata is kept"),
)
