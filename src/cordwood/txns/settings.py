"""The settings that decisions about transactions act on, with Kafka's defaults.

Lives here: their values as one object. Must not live here: where they come from (the table of settings).
"""

from __future__ import annotations

import msgspec


class TransactionSettings(msgspec.Struct, frozen=True):
    """Milliseconds, each the setting that its line names."""

    max_timeout_ms: int = 900_000
    """`transaction.max.timeout.ms`: the longest time that a producer may ask for."""
    id_expiration_ms: int = 7 * 24 * 3_600_000
    """`transactional.id.expiration.ms`: for how long an id without a transaction is remembered."""
    id_expiration_check_ms: int = 3_600_000
    """`transaction.remove.expired.transaction.cleanup.interval.ms`."""
