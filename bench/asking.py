"""One request in Kafka's protocol, for what no client library offers: quotas.

Lives here: a socket, one question and its answer. Must not live here: measuring.
"""

from __future__ import annotations

import socket
import struct
from typing import Final

from bench.generator import BenchError
from cordwood.wire.apis import APIS
from cordwood.wire.compiler import decoder
from cordwood.wire.frame import join, request_frame
from cordwood.wire.header import parse_response_header
from cordwood.wire.messages.alter_client_quotas import (
    AlterClientQuotasRequest,
    AlterClientQuotasResponse,
    EntityData,
    EntryData,
    OpData,
)

_TIMEOUT_S: Final = 30.0
_VERSION: Final = 1


def set_quotas(port: int, client_id: str, **quotas: float) -> None:
    """Gives a client quotas, on any broker that knows them. Raises BenchError when it refuses."""
    entity = [EntityData(entity_type="client-id", entity_name=client_id)]
    ops = [OpData(key=key, value=value) for key, value in quotas.items()]
    answer = _ask(port, AlterClientQuotasRequest(entries=[EntryData(entity=entity, ops=ops)]))
    for entry in answer.entries:
        if entry.error_code:
            raise BenchError(f"the quota was refused: {entry.error_code} {entry.error_message}")


def _ask(port: int, request: AlterClientQuotasRequest) -> AlterClientQuotasResponse:
    key = request.api_key
    with socket.create_connection(("127.0.0.1", port), _TIMEOUT_S) as connection, connection.makefile("rb") as reader:
        connection.sendall(join(request_frame(key, _VERSION, 1, "bench", request)))
        (size,) = struct.unpack(">i", reader.read(4))
        frame = memoryview(reader.read(size))
    _, start = parse_response_header(frame, APIS[key], _VERSION)
    answer, _ = decoder(AlterClientQuotasResponse, _VERSION)(frame, start)
    return answer
