"""FindCoordinator (10): which broker coordinates a group, or a transactional id.

The internal topic is made when it is first asked for. Left out: share groups (INVALID_REQUEST).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from cordwood.broker.context import Call, Context
from cordwood.coordinator.groups import GroupCoordinator
from cordwood.coordinator.transactions import TransactionCoordinator
from cordwood.model.errors import CordwoodError, InvalidRequest
from cordwood.model.group_errors import CoordinatorNotAvailable
from cordwood.wire.errors import code_of
from cordwood.wire.messages.find_coordinator import Coordinator, FindCoordinatorRequest, FindCoordinatorResponse

FIRST_VERSION_OF_MANY: Final = 4


class KeyType(IntEnum):
    """What a key names."""

    GROUP = 0
    TRANSACTION = 1
    SHARE = 2


async def handle_find_coordinator(
    context: Context, call: Call, request: FindCoordinatorRequest
) -> FindCoordinatorResponse:
    """One key up to version 3, several since, each with its own error."""
    keys = request.coordinator_keys if call.api_version >= FIRST_VERSION_OF_MANY else [request.key]
    found = [await _coordinator(context, call, request.key_type, key) for key in keys]
    if call.api_version >= FIRST_VERSION_OF_MANY:
        return FindCoordinatorResponse(coordinators=found)
    (only,) = found
    return FindCoordinatorResponse(
        error_code=only.error_code,
        error_message=only.error_message,
        node_id=only.node_id,
        host=only.host,
        port=only.port,
    )


async def _coordinator(context: Context, call: Call, key_type: int, key: str) -> Coordinator:
    try:
        coordinator = _of_kind(context, key_type)
        await coordinator.ensure_topic()
        leader = coordinator.leader_of(key)
        broker = context.image.brokers.get(leader)
        endpoint = None if broker is None else broker.endpoint(call.session.listener)
        if endpoint is None:
            raise CoordinatorNotAvailable(key, f"broker {leader} has no listener {call.session.listener}")
    except CordwoodError as error:
        return Coordinator(key=key, node_id=-1, port=-1, error_code=code_of(error), error_message=str(error))
    return Coordinator(key=key, node_id=leader, host=endpoint.host, port=endpoint.port)


def _of_kind(context: Context, key_type: int) -> GroupCoordinator | TransactionCoordinator:
    """Who knows the coordinators of such keys. Raises InvalidRequest."""
    if key_type == KeyType.GROUP:
        return context.groups
    if key_type == KeyType.TRANSACTION:
        return context.transactions
    raise InvalidRequest(f"keys of type {key_type} have no coordinator")
