"""The rows of settings of the quorum that keeps the metadata.

Lives here: names, kinds, defaults, ranges and words, by Kafka's names. Must not live here: what a value does.
"""

from __future__ import annotations

from typing import Final

from cordwood.model.settings.setting import Kind, Setting

MIB: Final = 1 << 20

QUORUM: Final = (
    Setting(
        "controller.quorum.voters",
        Kind.LIST,
        (),
        "The first members of a cluster, as NODE@HOST:PORT: the number of each broker and an address that all others "
        "reach it by. `cordwood cluster bootstrap` founds the cluster with them; from then on the cluster itself knows "
        "its members, and they are changed by `cordwood cluster add` and `remove`.",
        acted_on=True,
    ),
    Setting(
        "controller.quorum.bootstrap.servers",
        Kind.LIST,
        (),
        "Brokers of the cluster that this one is to join, as HOST:PORT. A broker that has no metadata yet waits then to "
        "be added (`cordwood cluster add`), and founds no cluster of its own. Who has metadata needs them no more.",
        acted_on=True,
    ),
    Setting(
        "controller.quorum.fetch.timeout.ms",
        Kind.INT,
        500,
        "A broker that hears nothing of the leader of the quorum for so long, and by lot up to twice as long, asks for "
        "an election. Kafka waits for 2000; with 500 metadata can be changed again two seconds after a leader died.",
        low=200,
        high=600_000,
        acted_on=True,
    ),
    Setting(
        "controller.quorum.request.timeout.ms",
        Kind.INT,
        2_000,
        "A broker that does not answer another for so long is taken for dead, and what the quorum does not decide within "
        "it is asked anew. Kafka has no bounds for it.",
        low=100,
        high=600_000,
        acted_on=True,
    ),
    Setting(
        "controller.quorum.retry.backoff.ms",
        Kind.INT,
        20,
        "The pause before a broker that could not be reached is dialled again; each further one is twice as long, up to "
        "peer.reconnect.backoff.max.ms. Kafka has no upper bound.",
        low=1,
        high=1_000,
        acted_on=True,
    ),
    Setting(
        "controller.quorum.fetch.max.bytes",
        Kind.INT,
        MIB,
        "The most bytes of metadata in one message to a follower. A single larger change goes alone. Kafka has no upper "
        "bound.",
        low=1024,
        high=8 * MIB,
        acted_on=True,
    ),
    Setting(
        "controller.quorum.fetch.snapshot.max.bytes",
        Kind.INT,
        MIB,
        "The most bytes of a snapshot in one message: it travels in pieces of this size. Kafka has no upper bound.",
        low=1024,
        high=8 * MIB,
        acted_on=True,
    ),
    Setting(
        "metadata.log.max.record.bytes.between.snapshots",
        Kind.LONG,
        20 * MIB,
        "A snapshot of the metadata is made when so many bytes of changes were applied since the last one.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "metadata.log.segment.bytes",
        Kind.INT,
        1024 * MIB,
        "A file of the log of the metadata is closed when it has this size.",
        low=8 * MIB,
        acted_on=True,
    ),
)

PEERS: Final = (
    Setting(
        "peer.queue.max.messages",
        Kind.INT,
        4_096,
        "The most messages of the quorum that wait to be sent to one broker; further ones are dropped, and made again "
        "when they are still needed. Cordwood's own.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "peer.queue.max.bytes",
        Kind.INT,
        32 * MIB,
        "The most bytes in them. Cordwood's own.",
        low=16 * MIB,
        acted_on=True,
    ),
    Setting(
        "peer.max.requests.in.flight",
        Kind.INT,
        64,
        "The most requests of this broker to another one that wait for their answers; further ones fail at once. "
        "Cordwood's own.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "peer.reconnect.backoff.max.ms",
        Kind.INT,
        1_000,
        "The longest pause before a broker that could not be reached is dialled again. Cordwood's own.",
        low=1_000,
        high=600_000,
        acted_on=True,
    ),
)

QUORUM_ROWS: Final = (*QUORUM, *PEERS)
"""All of them."""
