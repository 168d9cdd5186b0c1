"""From the settings of a broker to those of its coordinators.

Lives here: the one place that knows which of Kafka's settings drives which field. Must not live here: their documents
and ranges (model.settings).
"""

from __future__ import annotations

from typing import Final

import msgspec

from cordwood.groups.settings import GroupSettings, Pace
from cordwood.metadata import Image, ResourceKind
from cordwood.metadata.topics import InternalTopic
from cordwood.model.settings import Layers, broker_value, group_number
from cordwood.records.batch import Codec
from cordwood.txns.settings import TransactionSettings

OFFSETS_TOPIC: Final = "__consumer_offsets"
TRANSACTIONS_TOPIC: Final = "__transaction_state"
MINUTE_MS: Final = 60_000


def compacted(segment_bytes: int) -> tuple[tuple[str, str], ...]:
    """The settings of a topic that keeps the last state of each key."""
    return (
        ("cleanup.policy", "compact"),
        ("compression.type", "producer"),
        ("segment.bytes", str(segment_bytes)),
    )


def uncompressed(segment_bytes: int) -> tuple[tuple[str, str], ...]:
    """The settings of a topic that keeps the last state of each key, written without compression whoever writes."""
    return (
        ("cleanup.policy", "compact"),
        ("compression.type", "uncompressed"),
        ("segment.bytes", str(segment_bytes)),
        ("unclean.leader.election.enable", "false"),
    )


class CoordinatorSettings(msgspec.Struct, frozen=True):
    """What the coordinators of a broker act on."""

    groups: GroupSettings = GroupSettings()
    offsets_topic: InternalTopic = InternalTopic(50, 3, compacted(100 << 20))
    """`offsets.topic.num.partitions`, `.replication.factor` and `.segment.bytes`, for the day on which it is made."""
    codec: Codec = Codec.NONE
    load_buffer_bytes: int = 5 << 20
    """`offsets.load.buffer.size`: how much of a log is read in one piece."""
    transactions: TransactionSettings = TransactionSettings()
    transactions_topic: InternalTopic = InternalTopic(50, 3, uncompressed(100 << 20), 2)
    """`transaction.state.log.num.partitions`, `.replication.factor`, `.segment.bytes` and `.min.isr`."""
    transactions_load_buffer_bytes: int = 5 << 20
    """`transaction.state.log.load.buffer.size`."""

    concurrent_wait_limit_ms: int = 100
    """`add.partitions.to.txn.retry.backoff.max.ms`."""

    @property
    def internal_topics(self) -> dict[str, InternalTopic]:
        """The topics of the coordinators, by name."""
        return {OFFSETS_TOPIC: self.offsets_topic, TRANSACTIONS_TOPIC: self.transactions_topic}


def coordinator_settings(layers: Layers) -> CoordinatorSettings:
    """The settings as these layers give them."""
    return CoordinatorSettings(
        groups=_group_settings(layers),
        offsets_topic=InternalTopic(
            _number("offsets.topic.num.partitions", layers),
            _number("offsets.topic.replication.factor", layers),
            compacted(_number("offsets.topic.segment.bytes", layers)),
        ),
        codec=Codec(_number("offsets.topic.compression.codec", layers)),
        load_buffer_bytes=_number("offsets.load.buffer.size", layers),
        transactions=_transaction_settings(layers),
        transactions_topic=InternalTopic(
            _number("transaction.state.log.num.partitions", layers),
            _number("transaction.state.log.replication.factor", layers),
            uncompressed(_number("transaction.state.log.segment.bytes", layers)),
            _number("transaction.state.log.min.isr", layers),
        ),
        transactions_load_buffer_bytes=_number("transaction.state.log.load.buffer.size", layers),
        concurrent_wait_limit_ms=_number("add.partitions.to.txn.retry.backoff.max.ms", layers),
    )


def _transaction_settings(layers: Layers) -> TransactionSettings:
    return TransactionSettings(
        max_timeout_ms=_number("transaction.max.timeout.ms", layers),
        id_expiration_ms=_number("transactional.id.expiration.ms", layers),
        id_expiration_check_ms=_number("transaction.remove.expired.transaction.cleanup.interval.ms", layers),
    )


def group_settings(image: Image, layers: Layers) -> GroupSettings:
    """The same of all groups together, with what single groups were given in the metadata."""
    paces = {
        name: Pace(
            group_number("consumer.session.timeout.ms", values, layers),
            group_number("consumer.heartbeat.interval.ms", values, layers),
        )
        for name, values in image.configs_of_kind(ResourceKind.GROUP).items()
    }
    return msgspec.structs.replace(_group_settings(layers), paces=paces)


def _group_settings(layers: Layers) -> GroupSettings:
    return GroupSettings(
        initial_rebalance_delay_ms=_number("group.initial.rebalance.delay.ms", layers),
        min_session_timeout_ms=_number("group.min.session.timeout.ms", layers),
        max_session_timeout_ms=_number("group.max.session.timeout.ms", layers),
        max_size=_number("group.max.size", layers),
        consumer_session_timeout_ms=_number("group.consumer.session.timeout.ms", layers),
        consumer_heartbeat_interval_ms=_number("group.consumer.heartbeat.interval.ms", layers),
        consumer_max_size=_number("group.consumer.max.size", layers),
        consumer_assignors=_words("group.consumer.assignors", layers),
        consumer_migration_policy=_word("group.consumer.migration.policy", layers),
        offset_metadata_max_bytes=_number("offset.metadata.max.bytes", layers),
        offsets_retention_ms=_number("offsets.retention.minutes", layers) * MINUTE_MS,
        offsets_retention_check_ms=_number("offsets.retention.check.interval.ms", layers),
    )


def _number(name: str, layers: Layers) -> int:
    value = broker_value(name, layers)
    assert isinstance(value, int), f"the table of settings gives {value!r} for {name}"
    return value


def _word(name: str, layers: Layers) -> str:
    value = broker_value(name, layers)
    assert isinstance(value, str), f"the table of settings gives {value!r} for {name}"
    return value


def _words(name: str, layers: Layers) -> tuple[str, ...]:
    value = broker_value(name, layers)
    assert isinstance(value, tuple), f"the table of settings gives {value!r} for {name}"
    return value
