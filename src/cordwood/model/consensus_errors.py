"""The errors of a consensus group: what became of a proposal, a read or a message.

Lives here: exception classes, as in `errors`, which has the rules. Must not live here: any recovery.
"""

from __future__ import annotations

from cordwood.model.errors import CordwoodError


class NotTaken(CordwoodError):
    """The group did not take the request in: nothing of it happened, and it may be made again."""

    retriable = True

    def __init__(self, reason: str) -> None:
        super().__init__(f"the request was not taken in: {reason}")
        self.reason = reason


class OutcomeUnknown(CordwoodError):
    """The request was handed on, and what became of it is not known: it may still take effect."""

    retriable = True

    def __init__(self, reason: str) -> None:
        super().__init__(f"whether the request takes effect is not known: {reason}")
        self.reason = reason


class NoQuorum(CordwoodError):
    """No majority of the group answered in time; what was asked for may still take effect."""

    retriable = True

    def __init__(self, timeout_s: float, trouble: str) -> None:
        super().__init__(
            f"no majority of the metadata quorum answered within {timeout_s:g} s ({trouble}); it may still take effect: "
            "look before you ask again"
        )
        self.timeout_s = timeout_s
        self.trouble = trouble


class GroupStopped(CordwoodError):
    """This node of the group was closed, or has failed: it takes in nothing any more."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"this node of the group has stopped: {reason}")
        self.reason = reason


class InvalidPeerMessage(CordwoodError):
    """Bytes from a peer are no message of the group."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"a peer's message cannot be read: {reason}")
        self.reason = reason
