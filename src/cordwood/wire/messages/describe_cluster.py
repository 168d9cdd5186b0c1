"""DescribeCluster: the brokers, or the controllers, and who leads them."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int8, Int16, Int32, Message, Struct, Versions, since


class DescribeClusterRequest(Message):
    """Asks for the members of the cluster (KIP-700). Versions 0 to 2, all flexible.

    `endpoint_type` is 1 for brokers and 2 for controllers (KIP-919); version 2 may include fenced brokers.
    """

    api_key = 60
    versions = Versions(0, 2)
    flexible_from = 0

    include_cluster_authorized_operations: bool = False
    endpoint_type: Annotated[Int8, since(1)] = 1
    include_fenced_brokers: Annotated[bool, since(2)] = False


class DescribeClusterBroker(Struct):
    """A broker and where to reach it."""

    broker_id: Int32 = 0
    host: str = ""
    port: Int32 = 0
    rack: str | None = None
    is_fenced: Annotated[bool, since(2)] = False


class DescribeClusterResponse(Message):
    """The members of the cluster. Versions 0 to 2, all flexible."""

    api_key = 60
    versions = Versions(0, 2)
    flexible_from = 0

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    error_message: str | None = None
    endpoint_type: Annotated[Int8, since(1)] = 1
    cluster_id: str = ""
    controller_id: Int32 = -1
    brokers: list[DescribeClusterBroker] = []
    cluster_authorized_operations: Int32 = -0x80000000
