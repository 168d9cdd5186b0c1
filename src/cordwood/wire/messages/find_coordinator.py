"""FindCoordinator: which broker coordinates a group or a transactional id."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int8, Int16, Int32, Message, Struct, Versions, between, since, until


class FindCoordinatorRequest(Message):
    """Asks for the coordinator of `key` up to version 3, of `coordinator_keys` since (KIP-699). Versions 0 to 6.

    Key types: 0 group, 1 transactional id, 2 share group (version 6). Version 3 is flexible.
    """

    api_key = 10
    versions = Versions(0, 6)
    flexible_from = 3

    key: Annotated[str, until(3)] = ""
    key_type: Annotated[Int8, since(1)] = 0
    coordinator_keys: Annotated[list[str], since(4)] = []


class Coordinator(Struct):
    """The broker that coordinates one key, or why there is none."""

    key: str = ""
    node_id: Int32 = 0
    host: str = ""
    port: Int32 = 0
    error_code: Int16 = 0
    error_message: str | None = None


class FindCoordinatorResponse(Message):
    """The coordinator up to version 3, `coordinators` since. Versions 0 to 6."""

    api_key = 10
    versions = Versions(0, 6)
    flexible_from = 3

    throttle_time_ms: Annotated[Int32, since(1)] = 0
    error_code: Annotated[Int16, until(3)] = 0
    error_message: Annotated[str | None, between(1, 3)] = None
    node_id: Annotated[Int32, until(3)] = 0
    host: Annotated[str, until(3)] = ""
    port: Annotated[Int32, until(3)] = 0
    coordinators: Annotated[list[Coordinator], since(4)] = []
