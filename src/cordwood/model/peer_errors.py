"""The errors of one broker that talks to another.

Lives here: exception classes, as in `errors`, which has the rules. Must not live here: any recovery.
"""

from __future__ import annotations

from cordwood.model.errors import CordwoodError


class PeerUnavailable(CordwoodError):
    """A broker cannot be reached, is gone, or does not answer in time: what it was asked may have been done, or not."""

    retriable = True

    def __init__(self, node_id: int, reason: str) -> None:
        super().__init__(f"broker {node_id} is not available: {reason}")
        self.node_id = node_id
        self.reason = reason


class PeerBusy(PeerUnavailable):
    """So many requests to a broker wait for their answers that no further one is sent: nothing of it was done."""


class PeerRefused(CordwoodError):
    """Two brokers do not belong together: another cluster, another node or another directory than was expected."""

    def __init__(self, node_id: int, reason: str) -> None:
        super().__init__(f"broker {node_id} and this one do not belong together: {reason}")
        self.node_id = node_id
        self.reason = reason


class WrongNode(CordwoodError):
    """A directory of the quorum was made by another broker: two that share one would vote twice."""

    def __init__(self, path: str, found: int, wanted: int) -> None:
        super().__init__(
            f"{path} belongs to broker {found}, the configuration says {wanted}: correct node.id, or take other data "
            "directories; a copy of another broker's directory must not be started"
        )
        self.path = path
        self.found = found
        self.wanted = wanted
