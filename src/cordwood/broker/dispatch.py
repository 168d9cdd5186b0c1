"""The visible table: which handler answers which API, and the way from a frame to the parts of its answer.

Lives here: routes, decoding, encoding, the clock of each request. Must not live here: what a request means.

An API that has no row is not advertised, and a request for it closes the connection, as Kafka does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from types import CoroutineType
from typing import Any, Final, TypeAlias, cast

from cordwood.broker.context import Call, Session, Threshold
from cordwood.broker.handlers import (
    configs,
    features,
    fetch,
    find_coordinator,
    group_admin,
    group_offsets,
    groups,
    introspect,
    leaders,
    log_dirs,
    metadata,
    offsets,
    peers,
    produce,
    producers,
    quorum,
    quotas,
    reassignments,
    security,
    telemetry,
    topic_partitions,
    topics,
    transaction_admin,
    transaction_markers,
    transaction_offsets,
    transactions,
)
from cordwood.broker.quotas.throttling import Throttling
from cordwood.model.errors import ProtocolError
from cordwood.model.limits import CONTROL_REQUEST_SIZE_LIMIT_BYTES
from cordwood.observe.requests import ApiCounts
from cordwood.wire.apis import APIS, Api, ApiKey
from cordwood.wire.compiler import decoder
from cordwood.wire.frame import frame_size, response_frame
from cordwood.wire.header import RequestHeader, parse_request_header
from cordwood.wire.schema import Message

logger = logging.getLogger(__name__)

Handler: TypeAlias = Callable[[Any, Call, Any], Any]
"""Takes the broker's parts. Gives a response, a future or coroutine of one, or None where there is to be no answer."""

Parts: TypeAlias = "list[bytes | bytearray | memoryview]"

PEER_HANDLERS: Final[dict[ApiKey, Handler]] = {
    ApiKey.PEER_HELLO: peers.handle_peer_hello,
    ApiKey.PEER_MESSAGE: peers.handle_peer_message,
}
"""These need a `Threshold` and no more, so that they are there before the broker is ready."""

HANDLERS: Final[dict[ApiKey, Handler]] = {
    ApiKey.PRODUCE: produce.handle_produce,
    ApiKey.FETCH: fetch.handle_fetch,
    ApiKey.LIST_OFFSETS: offsets.handle_list_offsets,
    ApiKey.OFFSET_FOR_LEADER_EPOCH: offsets.handle_offset_for_leader_epoch,
    ApiKey.DELETE_RECORDS: offsets.handle_delete_records,
    ApiKey.METADATA: metadata.handle_metadata,
    ApiKey.DESCRIBE_CLUSTER: metadata.handle_describe_cluster,
    ApiKey.DESCRIBE_TOPIC_PARTITIONS: topic_partitions.handle_describe_topic_partitions,
    ApiKey.OFFSET_COMMIT: group_offsets.handle_offset_commit,
    ApiKey.OFFSET_FETCH: group_offsets.handle_offset_fetch,
    ApiKey.OFFSET_DELETE: group_offsets.handle_offset_delete,
    ApiKey.FIND_COORDINATOR: find_coordinator.handle_find_coordinator,
    ApiKey.JOIN_GROUP: groups.handle_join_group,
    ApiKey.HEARTBEAT: groups.handle_heartbeat,
    ApiKey.LEAVE_GROUP: groups.handle_leave_group,
    ApiKey.SYNC_GROUP: groups.handle_sync_group,
    ApiKey.CONSUMER_GROUP_HEARTBEAT: groups.handle_consumer_group_heartbeat,
    ApiKey.DESCRIBE_GROUPS: group_admin.handle_describe_groups,
    ApiKey.LIST_GROUPS: group_admin.handle_list_groups,
    ApiKey.DELETE_GROUPS: group_admin.handle_delete_groups,
    ApiKey.CONSUMER_GROUP_DESCRIBE: group_admin.handle_consumer_group_describe,
    ApiKey.API_VERSIONS: introspect.handle_api_versions,
    ApiKey.ALTER_REPLICA_LOG_DIRS: log_dirs.handle_alter_replica_log_dirs,
    ApiKey.DESCRIBE_LOG_DIRS: log_dirs.handle_describe_log_dirs,
    ApiKey.ELECT_LEADERS: leaders.handle_elect_leaders,
    ApiKey.ALTER_PARTITION_REASSIGNMENTS: reassignments.handle_alter_partition_reassignments,
    ApiKey.LIST_PARTITION_REASSIGNMENTS: reassignments.handle_list_partition_reassignments,
    ApiKey.UPDATE_FEATURES: features.handle_update_features,
    ApiKey.CREATE_TOPICS: topics.handle_create_topics,
    ApiKey.DELETE_TOPICS: topics.handle_delete_topics,
    ApiKey.CREATE_PARTITIONS: topics.handle_create_partitions,
    ApiKey.DESCRIBE_CONFIGS: configs.handle_describe_configs,
    ApiKey.ALTER_CONFIGS: configs.handle_alter_configs,
    ApiKey.INCREMENTAL_ALTER_CONFIGS: configs.handle_incremental_alter_configs,
    ApiKey.LIST_CONFIG_RESOURCES: configs.handle_list_config_resources,
    ApiKey.DESCRIBE_CLIENT_QUOTAS: quotas.handle_describe_client_quotas,
    ApiKey.ALTER_CLIENT_QUOTAS: quotas.handle_alter_client_quotas,
    ApiKey.INIT_PRODUCER_ID: producers.handle_init_producer_id,
    ApiKey.DESCRIBE_PRODUCERS: producers.handle_describe_producers,
    ApiKey.DESCRIBE_QUORUM: quorum.handle_describe_quorum,
    ApiKey.UNREGISTER_BROKER: quorum.handle_unregister_broker,
    ApiKey.ADD_RAFT_VOTER: quorum.handle_add_raft_voter,
    ApiKey.REMOVE_RAFT_VOTER: quorum.handle_remove_raft_voter,
    ApiKey.TRANSFER_LEADERSHIP: quorum.handle_transfer_leadership,
    ApiKey.ADD_PARTITIONS_TO_TXN: transactions.handle_add_partitions_to_txn,
    ApiKey.ADD_OFFSETS_TO_TXN: transactions.handle_add_offsets_to_txn,
    ApiKey.END_TXN: transactions.handle_end_txn,
    ApiKey.WRITE_TXN_MARKERS: transaction_markers.handle_write_txn_markers,
    ApiKey.TXN_OFFSET_COMMIT: transaction_offsets.handle_txn_offset_commit,
    ApiKey.DESCRIBE_TRANSACTIONS: transaction_admin.handle_describe_transactions,
    ApiKey.LIST_TRANSACTIONS: transaction_admin.handle_list_transactions,
    ApiKey.GET_TELEMETRY_SUBSCRIPTIONS: telemetry.handle_get_telemetry_subscriptions,
    ApiKey.PUSH_TELEMETRY: telemetry.handle_push_telemetry,
    ApiKey.DESCRIBE_ACLS: security.handle_describe_acls,
    ApiKey.CREATE_ACLS: security.handle_create_acls,
    ApiKey.DELETE_ACLS: security.handle_delete_acls,
    ApiKey.CREATE_DELEGATION_TOKEN: security.handle_create_delegation_token,
    ApiKey.RENEW_DELEGATION_TOKEN: security.handle_renew_delegation_token,
    ApiKey.EXPIRE_DELEGATION_TOKEN: security.handle_expire_delegation_token,
    ApiKey.DESCRIBE_DELEGATION_TOKEN: security.handle_describe_delegation_token,
    **PEER_HANDLERS,
}


class Route:
    """One row of the table, with what the hot path needs at hand."""

    __slots__ = ("api", "counts", "decoders", "handler", "request_type")

    def __init__(self, api: Api, handler: Handler, counts: ApiCounts) -> None:
        self.api = api
        self.handler = handler
        self.counts = counts
        self.decoders: dict[int, Callable[[memoryview, int], tuple[Any, int]]] = {}

    def decoder(self, version: int) -> Callable[[memoryview, int], tuple[Any, int]]:
        """The decoder of a version, compiled at first use."""
        found = self.decoders.get(version)
        if found is None:
            found = self.decoders[version] = decoder(self.api.request, version)
        return found


class Dispatcher:
    """The service behind the Kafka listeners."""

    def __init__(
        self,
        context: Threshold,
        handlers: Mapping[ApiKey, Handler] = HANDLERS,
        otherwise: str = "no such API is served",
    ) -> None:
        """`context` has what the handlers need: all but those of peers need a `Context`."""
        self._context = context
        self._clock = context.clock
        self._quotas = context.quotas
        self._throttling = Throttling(context.quotas)
        self._otherwise = otherwise
        self._routes = {
            int(key): Route(APIS[key], handler, context.counts.of(APIS[key].name)) for key, handler in handlers.items()
        }
        self._tasks: set[asyncio.Future[Any]] = set()

    def open_session(self, listener: str, peer: str, mute: Callable[[int], None]) -> Session:
        """A connection begins; `mute` stops the reading of it for so many milliseconds."""
        return Session(listener, peer, mute)

    def close_session(self, session: Session) -> None:
        """A connection ended."""
        session.end()

    def handle(self, session: Session, frame: memoryview) -> Parts | asyncio.Future[Parts] | None:
        """Answers one frame. Raises ProtocolError if it is no request that we can read."""
        begin = self._clock.monotonic()
        try:
            header = parse_request_header(frame)
            route = self._routes.get(header.api_key)
            if route is None:
                raise ProtocolError(f"a request with key {header.api_key}: {self._otherwise}")
            version = header.api_version
            if not route.api.advertised.holds(version):
                return self._answer_unserved(route, header)
            if len(frame) > CONTROL_REQUEST_SIZE_LIMIT_BYTES and header.api_key != ApiKey.PRODUCE:
                raise ProtocolError(f"a request of {len(frame)} bytes is too large for {route.api.name}")
            request, _ = route.decoder(version)(frame, header.size)
        except ProtocolError:
            self._context.counts.rejected += 1
            raise
        counts = route.counts
        counts.requests += 1
        counts.bytes_in += len(frame)
        call = Call(session, version, header.client_id)
        if self._quotas.active:
            self._throttling.received(call, header.api_key, len(frame), begin)
        reply = route.handler(self._context, call, request)
        if reply is None:
            self._answer_nothing(route, call, begin)
            return None
        if isinstance(reply, (asyncio.Future, CoroutineType)):
            return self._answer_later(route, header, call, reply, begin)
        return self._encode(route, header, call, reply, begin)

    def _answer_nothing(self, route: Route, call: Call, begin: float) -> None:
        now = self._clock.monotonic()
        if self._quotas.active:
            self._throttling.answered(call, route.api.key, None, now)
        route.counts.took(now - begin)

    def _encode(self, route: Route, header: RequestHeader, call: Call, reply: Message, begin: float) -> Parts:
        limited = self._quotas.active
        if limited:
            self._throttling.answered(call, header.api_key, reply, self._clock.monotonic())
        parts = cast(Parts, response_frame(header.api_key, header.api_version, header.correlation_id, reply))
        if limited:
            self._throttling.written(call, header.api_key, self._clock.monotonic())
        counts = route.counts
        counts.bytes_out += frame_size(parts)
        counts.took(self._clock.monotonic() - begin)
        return parts

    def _answer_later(
        self,
        route: Route,
        header: RequestHeader,
        call: Call,
        reply: asyncio.Future[Message] | Coroutine[Any, Any, Message],
        begin: float,
    ) -> asyncio.Future[Parts]:
        loop = self._context.loop
        if self._quotas.active:
            self._throttling.waits(call, self._clock.monotonic())
        pending = reply if isinstance(reply, asyncio.Future) else loop.create_task(reply)
        answer: asyncio.Future[Parts] = loop.create_future()

        def encode(done: asyncio.Future[Message]) -> None:
            self._tasks.discard(done)
            if answer.done():
                return
            if done.cancelled():
                answer.cancel()
            elif (error := done.exception()) is not None:
                answer.set_exception(error)
            else:
                if self._quotas.active:
                    self._throttling.goes_on(call, self._clock.monotonic())
                answer.set_result(self._encode(route, header, call, done.result(), begin))

        self._tasks.add(pending)
        pending.add_done_callback(encode)
        if pending is reply:  # What merely waits ends with its client; work that was begun as a task is finished.
            answer.add_done_callback(lambda done: pending.cancel() if done.cancelled() else None)
        return answer

    def _answer_unserved(self, route: Route, header: RequestHeader) -> Parts:
        """ApiVersions tells in version 0 what is served (KIP-511); any other API's peer has to go."""
        if header.api_key != ApiKey.API_VERSIONS:
            raise ProtocolError(f"{route.api.name} is not served in version {header.api_version}")
        route.counts.requests += 1
        message = introspect.unsupported_version()
        return cast(Parts, response_frame(header.api_key, 0, header.correlation_id, message))
