"""Decisions about the cluster as a whole.

Lives here: its foundation. Must not live here: who belongs to it (`brokers`).
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Final

from cordwood.metadata.image import Image
from cordwood.metadata.records import ClusterRecord
from cordwood.metadata.result import Result
from cordwood.model.errors import WrongCluster

CLUSTER_ID_LENGTH: Final = 22
"""Characters of a cluster id: 16 random bytes in URL-safe Base64 without padding (as Kafka)."""


def new_cluster_id(token: Callable[[int], bytes]) -> str:
    """A cluster id from a source of random bytes."""
    while True:
        text = urlsafe_b64encode(token(16)).rstrip(b"=").decode("ascii")
        if not text.startswith("-"):  # Tools would take it for a flag.
            return text


def found(image: Image, cluster_id: str) -> Result[str]:
    """Founds the cluster, unless it was founded with this id already. Raises WrongCluster when it has another."""
    if not image.cluster_id:
        return Result((ClusterRecord(cluster_id),), cluster_id)
    if image.cluster_id != cluster_id:
        raise WrongCluster(image.cluster_id, cluster_id)
    return Result((), cluster_id)
