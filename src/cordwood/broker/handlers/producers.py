"""InitProducerId (22) for idempotent producers.

Serves 0 to 5. Left out: transactional ids, until the transaction coordinator is there; they are answered
COORDINATOR_NOT_AVAILABLE, as FindCoordinator does.
"""

from __future__ import annotations

from cordwood.broker.context import Call, Context
from cordwood.model.errors import CordwoodError
from cordwood.wire.errors import ErrorCode, code_of
from cordwood.wire.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse


async def handle_init_producer_id(
    context: Context, call: Call, request: InitProducerIdRequest
) -> InitProducerIdResponse:
    """A producer id that nobody ever had; without a transactional id a known one is not kept (as Kafka)."""
    if request.transactional_id is not None:
        return InitProducerIdResponse(error_code=ErrorCode.COORDINATOR_NOT_AVAILABLE, producer_epoch=-1)
    try:
        producer_id = await context.controller.new_producer_id(context.settings.broker_id)
    except CordwoodError as error:
        return InitProducerIdResponse(error_code=code_of(error), producer_epoch=-1)
    return InitProducerIdResponse(producer_id=producer_id, producer_epoch=0)
