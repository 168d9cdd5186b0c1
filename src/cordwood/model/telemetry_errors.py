"""The errors of the metrics that clients send (KIP-714).

Lives here: exception classes, as in `errors`, which has the rules. Must not live here: any recovery.
"""

from __future__ import annotations

from cordwood.model.errors import CordwoodError


class TelemetryTooEarly(CordwoodError):
    """A client asked or sent before its interval was over."""

    retriable = True

    def __init__(self, wait_ms: int) -> None:
        super().__init__(f"the interval between pushes is not over; come back in {wait_ms} ms")
        self.wait_ms = wait_ms


class TelemetryBusy(CordwoodError):
    """As many pushes are being read as the broker reads at one time."""

    retriable = True

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} pushes of metrics are being read already; come back later")
        self.limit = limit


class UnknownSubscriptionId(CordwoodError):
    """A client sent what it was asked for before the subscriptions changed; it has to ask anew."""

    def __init__(self, attempted: int, current: int) -> None:
        super().__init__(
            f"subscription {attempted} is not the client's, which is {current}; ask for subscriptions again"
        )
        self.attempted = attempted
        self.current = current


class TelemetryTooLarge(CordwoodError):
    """The metrics of a client are larger than the broker takes, as sent or when decompressed."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            f"the metrics take more than {limit_bytes} bytes; subscribe to less, or raise telemetry.max.bytes"
        )
        self.limit_bytes = limit_bytes


class UnknownTelemetryCompression(CordwoodError):
    """The metrics of a client are compressed in a way that does not exist."""

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no compression type {number}")
        self.number = number


class InvalidTelemetry(CordwoodError):
    """The metrics of a client cannot be read."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the metrics cannot be read as MetricsData of OpenTelemetry: {reason}")
        self.reason = reason
