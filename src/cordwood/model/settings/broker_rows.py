"""The settings of a broker: Kafka's names first, Cordwood's own beside them.

Lives here: rows. Must not live here: logic. Defaults and ranges are those of Apache Kafka 4.3 unless the document of
the row says otherwise. How logs are kept is in `log_rows`; settings of Kafka that Cordwood accepts without acting on
them are in `accepted_rows`, apart from those that are the default of a topic's setting.
"""

from __future__ import annotations

from typing import Final

from cordwood.model.limits import BATCH_SIZE_LIMIT_BYTES
from cordwood.model.settings.setting import INT_MAX, NO_EFFECT, Kind, Setting

MIB: Final = 1 << 20
CODECS: Final = ("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer")

IDENTITY: Final = (
    Setting(
        "node.id",
        Kind.INT,
        1,
        "The number of this broker, unique in its cluster. Kafka demands one; Cordwood starts as number 1.",
        low=0,
        acted_on=True,
        aliases=("broker.id",),
    ),
    Setting(
        "cluster.id",
        Kind.STRING,
        None,
        "The id that a new cluster gets, 22 characters. Without it one is made at the first start. "
        "A broker whose data belong to another cluster does not start. Cordwood's own.",
        acted_on=True,
    ),
    Setting(
        "broker.rack",
        Kind.STRING,
        None,
        "Where this broker stands (a rack, a zone). Clients are told, so that they may read from a replica nearby.",
        acted_on=True,
    ),
)

NETWORK: Final = (
    Setting(
        "listeners",
        Kind.LIST,
        ("PLAINTEXT://127.0.0.1:9092",),
        "The addresses to listen on, as LISTENER://HOST:PORT or HOST:PORT. No host means every interface, "
        "port 0 takes a free port. Kafka listens on every interface by default, and opens others while it runs; Cordwood only "
        "on the loopback.",
        acted_on=True,
    ),
    Setting(
        "advertised.listeners",
        Kind.LIST,
        None,
        "The addresses that clients are told to connect to, one for each listener. Default: the listeners themselves, "
        "with the machine's name in place of an address that stands for every interface.",
        acted_on=True,
    ),
    Setting(
        "listener.security.protocol.map",
        Kind.STRING,
        "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT",
        "Which protocol each listener speaks, as LISTENER:PROTOCOL with commas between them. Cordwood serves PLAINTEXT "
        "today. Kafka lets it be changed while it runs.",
        acted_on=True,
    ),
    Setting(
        "controller.listener.names",
        Kind.LIST,
        (),
        "Listeners for controllers. Kafka demands one; Cordwood needs no port for them: listeners of these names are not "
        "opened.",
        acted_on=True,
    ),
    Setting(
        "max.connections",
        Kind.INT,
        10_000,
        "The most connections at one time on each listener; a further one is closed at once. Kafka has no bound by default.",
        low=0,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "max.connections.per.ip",
        Kind.INT,
        INT_MAX,
        "The most connections at one time from one address.",
        low=0,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "connections.max.idle.ms",
        Kind.LONG,
        600_000,
        "A connection on which nothing was said for so long is closed. Negative means never.",
        acted_on=True,
    ),
    Setting(
        "connection.max.requests.in.flight",
        Kind.INT,
        1_000,
        "The most requests of one connection that wait for their answers; it is not read from while there are so "
        "many. Cordwood's own: Kafka takes one request of a connection at a time.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "socket.request.max.bytes",
        Kind.INT,
        100 * MIB,
        "The largest request; a connection that sends a larger one is closed.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "fetch.max.bytes",
        Kind.INT,
        55 * MIB,
        "The most bytes in the answer to one fetch, whatever the client asks for. The first batch is sent whole.",
        low=1024,
        acted_on=True,
    ),
    Setting(
        "max.incremental.fetch.session.cache.slots",
        Kind.INT,
        1_000,
        "The most fetch sessions (KIP-227) kept at one time; 0 means none, and every fetch names all its partitions.",
        low=0,
        acted_on=True,
    ),
    Setting(
        "authorizer.class.name",
        Kind.STRING,
        "",
        "In Kafka the class that says who may do what. Cordwood has no access control yet, and does not start where one is "
        "named: nobody shall rely on what is not there.",
        acted_on=True,
    ),
    Setting(
        "http.listener",
        Kind.STRING,
        None,
        "HOST:PORT of the HTTP listener, which serves /livez, /readyz and /metrics. Without it there is none. "
        "Cordwood's own.",
        acted_on=True,
    ),
    Setting(
        "ready.file",
        Kind.STRING,
        None,
        "A file into which the bound address is written once requests are answered. Cordwood's own.",
        acted_on=True,
    ),
)

TOPICS: Final = (
    Setting(
        "auto.create.topics.enable",
        Kind.BOOLEAN,
        True,
        "Whether a topic is created when a client asks for metadata of a topic that does not exist.",
        acted_on=True,
    ),
    Setting(
        "delete.topic.enable",
        Kind.BOOLEAN,
        True,
        "Whether topics can be deleted.",
        acted_on=True,
    ),
    Setting(
        "max.request.partition.size.limit",
        Kind.INT,
        2_000,
        "How many partitions one answer to DescribeTopicPartitions has at most; the client asks for the next page.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "num.partitions",
        Kind.INT,
        1,
        "The number of partitions of a topic that is created without saying how many.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "default.replication.factor",
        Kind.INT,
        1,
        "The number of replicas of a topic that is created without saying how many. Kafka has no bounds for it, and cannot "
        "create a topic with more replicas than 32767 either.",
        low=1,
        high=(1 << 15) - 1,
        acted_on=True,
    ),
    Setting(
        "message.max.bytes",
        Kind.INT,
        1_048_588,
        "The largest record batch that is taken, as it is sent (compressed, if it is). Kafka has no bound below 2 GiB.",
        low=0,
        high=BATCH_SIZE_LIMIT_BYTES,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "min.insync.replicas",
        Kind.INT,
        1,
        "How many replicas must be in sync for a write with acks=all to be taken.",
        low=1,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "unclean.leader.election.enable",
        Kind.BOOLEAN,
        False,
        f"{NO_EFFECT}a partition has one replica yet. In Kafka: whether a replica that is not in sync may lead when no "
        "other is left, at the price of losing records.",
        dynamic=True,
    ),
    Setting(
        "compression.type",
        Kind.STRING,
        "producer",
        "The codec in which batches are kept; `producer` keeps them as they were sent, at no cost.",
        choices=CODECS,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "compression.gzip.level",
        Kind.INT,
        -1,
        "The level when the broker compresses with gzip.",
        low=1,
        high=9,
        also=(-1,),
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "compression.lz4.level",
        Kind.INT,
        9,
        "The level when the broker compresses with lz4.",
        low=1,
        high=17,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "compression.zstd.level",
        Kind.INT,
        3,
        "The level when the broker compresses with zstd.",
        low=-131_072,
        high=22,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "producer.id.expiration.ms",
        Kind.INT,
        86_400_000,
        "A producer that wrote nothing to a partition for so long is forgotten there, and its sequence with it.",
        low=1,
        dynamic=True,
        acted_on=True,
    ),
)

BROKER_ROWS: Final = (*IDENTITY, *NETWORK, *TOPICS)
