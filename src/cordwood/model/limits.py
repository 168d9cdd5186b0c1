"""Every bound that is not a setting, in one place, with the relations between them asserted.

Lives here: constants. Must not live here: bounds that a user may change; those are rows of `settings`.
"""

from __future__ import annotations

from typing import Final

BATCH_HEADER_SIZE_BYTES: Final = 61
"""Size of a v2 record batch without records (Kafka protocol, record batch)."""

BATCH_SIZE_LIMIT_BYTES: Final = 1 << 30
"""No batch is larger, whatever max.message.bytes says: a length beyond it is damage."""

DECOMPRESSED_SIZE_LIMIT_BYTES: Final = 1 << 28
"""No batch is decompressed beyond this size."""

INDEX_ENTRY_SIZE_BYTES: Final = 16
INDEX_INTERVAL_BYTES: Final = 8192
"""One index entry for this many bytes of store."""

PRODUCER_BATCH_WINDOW: Final = 5
"""How many of a producer's last batches are remembered for each partition (as Kafka)."""

CONTROL_REQUEST_SIZE_LIMIT_BYTES: Final = 16 << 20
"""No request but Produce is larger: what is decoded of it may take twenty times its size in memory."""

VERIFICATIONS_LIMIT: Final = 10_000
"""For how many producers a partition remembers that their coordinators were asked; beyond it the oldest asks again."""

TELEMETRY_INSTANCES_LIMIT: Final = 16_384
"""How many clients are remembered that may push metrics (as Kafka); beyond it the one silent for longest is forgotten."""

TELEMETRY_GROUPS_LIMIT: Final = 10_000
"""How many resources, scopes and metrics one push may name."""

TELEMETRY_POINTS_LIMIT: Final = 10_000
"""How many values of one push are looked at."""

TELEMETRY_PUSHES_LIMIT: Final = 64
"""How many pushes may be read at one time; each holds telemetry.max.bytes, and what they decompress to."""

TELEMETRY_NAME_LIMIT: Final = 200
TELEMETRY_LABELS_LIMIT_BYTES: Final = 1_024
"""All labels of one value together, as they are shown."""

MAX_PENDING_MEMBERS: Final = 10_000
"""How many new members of a group may have been told an id and not have come with it yet."""

QUOTA_ENTITIES_LIMIT: Final = 100_000
"""How many users, clients and addresses can have quotas: nothing else has to be there for one of them."""

QUOTA_HOLDERS_LIMIT: Final = 10_000
"""How many clients are remembered for each quota; beyond it the one that was silent for longest begins anew."""

CONFIGURED_NAMES_LIMIT: Final = 100_000
"""How many groups and subscriptions to metrics can have settings: nothing else has to be there for one of them."""

REPLICAS_LIMIT: Final = 1
"""How many replicas a partition can have: brokers do not copy partitions from each other yet."""

INPUT_RECORD_SIZE_LIMIT_BYTES: Final = 1 << 28
"""No record that `cordwood produce` reads is larger; it would not fit into a batch, and has to fit into memory."""

TOPIC_NAME_LENGTH_LIMIT: Final = 249
OFFSET_LIMIT: Final = 1 << 63

assert BATCH_HEADER_SIZE_BYTES < INDEX_INTERVAL_BYTES < BATCH_SIZE_LIMIT_BYTES
assert INDEX_ENTRY_SIZE_BYTES / INDEX_INTERVAL_BYTES < 0.002
assert DECOMPRESSED_SIZE_LIMIT_BYTES <= BATCH_SIZE_LIMIT_BYTES
