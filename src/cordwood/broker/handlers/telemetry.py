"""The metrics of clients: GetTelemetrySubscriptions (71), PushTelemetry (72), KIP-714.

Serves version 0 of both, always: Kafka does so where a reporter is configured that takes the metrics, and here /metrics
is there to show them. Where nothing is subscribed to, clients are told to send nothing, and ask again every five minutes.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

from cordwood.broker.context import Call, Context
from cordwood.model.errors import CordwoodError, InvalidRequest
from cordwood.telemetry.client import Client
from cordwood.telemetry.client_metrics import ACCEPTED, Push
from cordwood.wire.errors import code_of
from cordwood.wire.messages.get_telemetry_subscriptions import (
    GetTelemetrySubscriptionsRequest,
    GetTelemetrySubscriptionsResponse,
)
from cordwood.wire.messages.push_telemetry import PushTelemetryRequest, PushTelemetryResponse
from cordwood.wire.schema import NO_UUID

RESERVED: Final = (NO_UUID, (1).to_bytes(16, "big"))
"""Ids that no client may have."""


def handle_get_telemetry_subscriptions(
    context: Context, call: Call, request: GetTelemetrySubscriptionsRequest
) -> GetTelemetrySubscriptionsResponse:
    """What the client is to send; one that has no id yet gets one."""
    instance_id = request.client_instance_id
    client = _client(context, call, context.dice.token(16) if instance_id == NO_UUID else instance_id)
    try:
        instance = context.telemetry.ask(client, _now_ms(context))
    except CordwoodError as error:
        return GetTelemetrySubscriptionsResponse(error_code=code_of(error))
    return GetTelemetrySubscriptionsResponse(
        client_instance_id=client.instance_id,
        subscription_id=instance.subscription_id,
        accepted_compression_types=[int(codec) for codec in ACCEPTED],
        push_interval_ms=instance.wanted.interval_ms,
        telemetry_max_bytes=context.telemetry.settings.max_bytes,
        delta_temporality=True,
        requested_metrics=list(instance.wanted.metrics),
    )


async def handle_push_telemetry(context: Context, call: Call, request: PushTelemetryRequest) -> PushTelemetryResponse:
    """The client's metrics are shown when they are answered."""
    try:
        if request.client_instance_id in RESERVED:
            raise InvalidRequest("no client has such an instance id; ask for subscriptions to get one")
        push = Push(request.subscription_id, request.terminating, request.compression_type, request.metrics)
        await _take(context, _client(context, call, request.client_instance_id), push)
    except CordwoodError as error:
        return PushTelemetryResponse(error_code=code_of(error))
    return PushTelemetryResponse()


async def _take(context: Context, client: Client, push: Push) -> None:
    """Reads a push beside the loop: a small one may decompress to a large one."""
    telemetry = context.telemetry
    instance = telemetry.admit(client, push, _now_ms(context))
    if not push.payload:
        instance.ended_with(None)
        return
    try:
        with telemetry.reading():
            work = partial(telemetry.contents, client, push)
            contents = await asyncio.wrap_future(context.background.submit(work))
    except CordwoodError as error:
        telemetry.refuse(instance, error)
        raise
    telemetry.keep(instance, contents, _now_ms(context))


def _client(context: Context, call: Call, instance_id: bytes) -> Client:
    """Who asks; what is remembered of it ends with its connection."""
    session = call.session
    address, _, port = session.peer.rpartition(":")
    session.at_end = partial(context.telemetry.forget, instance_id)
    return Client(
        instance_id=instance_id,
        client_id=call.client_id,
        software_name=session.software_name,
        software_version=session.software_version,
        address=address,
        port=port,
    )


def _now_ms(context: Context) -> int:
    return int(context.clock.monotonic() * 1000)
