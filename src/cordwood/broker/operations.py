"""What a client may do with topics and the cluster, as the bits that answers carry (KIP-430).

Lives here: the bits. Must not live here: who is allowed what; everybody is allowed everything yet.

A bit is the number of an ACL operation: READ 3, WRITE 4, CREATE 5, DELETE 6, ALTER 7, DESCRIBE 8, CLUSTER_ACTION 9,
DESCRIBE_CONFIGS 10, ALTER_CONFIGS 11, IDEMPOTENT_WRITE 12.
"""

from __future__ import annotations

from typing import Final

TOPIC_OPERATIONS: Final = 0b1101_1111_1000
"""READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS: all of a topic's operations."""

CLUSTER_OPERATIONS: Final = 0b1_1111_1010_0000
"""CREATE, ALTER, DESCRIBE, CLUSTER_ACTION, DESCRIBE_CONFIGS, ALTER_CONFIGS, IDEMPOTENT_WRITE: all of a cluster's."""

NO_OPERATIONS: Final = -(1 << 31)
"""Nobody asked."""
