"""PeerHello: a broker tells another who it is, and hears whom it has reached. Private to Cordwood's brokers."""

from __future__ import annotations

from cordwood.wire.schema import NO_UUID, Int16, Int32, Message, UInt16, Uuid, Versions


class PeerHelloRequest(Message):
    """The first request of a connection between brokers, sent again and again to see that the other is alive. Version 0.

    `receiver_id` is whom the sender means to reach. `host` and `port` are where the sender is reached itself: who knows
    nobody answers there. `message_version` is the format of what PeerMessage carries.
    """

    api_key = 20_000
    versions = Versions(0, 0)
    flexible_from = 0

    cluster_id: str = ""
    node_id: Int32 = -1
    directory_id: Uuid = NO_UUID
    host: str = ""
    port: UInt16 = 0
    receiver_id: Int32 = -1
    message_version: Int16 = 0


class PeerHelloResponse(Message):
    """Who answers, or why it wants nothing of the sender. Version 0."""

    api_key = 20_000
    versions = Versions(0, 0)
    flexible_from = 0

    error_code: Int16 = 0
    error_message: str | None = None
    cluster_id: str = ""
    node_id: Int32 = -1
    directory_id: Uuid = NO_UUID
    message_version: Int16 = 0
