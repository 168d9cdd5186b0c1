"""The settings of transactions.

Lives here: rows. Must not live here: logic. Names, defaults and ranges are those of Apache Kafka 4.3 unless the document
of the row says otherwise. How long a partition remembers producers is said in `log_rows`.
"""

from __future__ import annotations

from typing import Final

from cordwood.model.limits import BATCH_HEADER_SIZE_BYTES
from cordwood.model.settings.setting import NO_EFFECT, Kind, Setting

TRANSACTION_ROWS: Final[tuple[Setting, ...]] = (
    Setting(
        "transaction.max.timeout.ms",
        Kind.INT,
        900_000,
        "The longest time that a producer may ask for its transactions to last before they are aborted.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "transactional.id.expiration.ms",
        Kind.INT,
        604_800_000,
        "For how long a transactional id without a transaction is remembered after it was used last.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "transaction.remove.expired.transaction.cleanup.interval.ms",
        Kind.INT,
        3_600_000,
        "How often transactional ids that have expired are looked for.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "transaction.abort.timed.out.transaction.cleanup.interval.ms",
        Kind.INT,
        10_000,
        f"{NO_EFFECT}each transaction has a timer of its own, and is aborted when its time is over.",
        low=1,
    ),
    Setting(
        "transaction.state.log.num.partitions",
        Kind.INT,
        50,
        "The number of partitions of __transaction_state when it is made. It decides which broker coordinates which "
        "transactional id, so the partitions of that topic must not be changed later.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "transaction.state.log.replication.factor",
        Kind.SHORT,
        3,
        "The most replicas that __transaction_state is made with. Kafka does not make it before there are so many "
        "brokers; Cordwood takes those that there are.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "transaction.state.log.min.isr",
        Kind.INT,
        2,
        "min.insync.replicas of __transaction_state when it is made, and never more than it has replicas.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "transaction.state.log.segment.bytes",
        Kind.INT,
        104_857_600,
        "segment.bytes of __transaction_state when it is made. Kafka takes less than a batch needs, too.",
        low=BATCH_HEADER_SIZE_BYTES,
        acted_on=True,
    ),
    Setting(
        "transaction.state.log.load.buffer.size",
        Kind.INT,
        5_242_880,
        "How many bytes of a partition of __transaction_state are read in one piece when its ids are loaded.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "add.partitions.to.txn.retry.backoff.max.ms",
        Kind.INT,
        100,
        "How long a request waits for the markers of the last transaction of its id, before its producer is told that "
        "there are concurrent transactions. In Cordwood this goes for all requests of transactions.",
        low=0,
        acted_on=True,
    ),
    Setting(
        "add.partitions.to.txn.retry.backoff.ms",
        Kind.INT,
        20,
        f"{NO_EFFECT}whoever waits for markers is woken by the last of them.",
        low=1,
    ),
    Setting(
        "transaction.partition.verification.enable",
        Kind.BOOLEAN,
        True,
        f"{NO_EFFECT}a batch that opens a transaction is always verified.",
        dynamic=True,
    ),
    Setting(
        "transaction.two.phase.commit.enable",
        Kind.BOOLEAN,
        False,
        f"{NO_EFFECT}a transaction of two phases (KIP-939) cannot be begun.",
    ),
)
