"""Who a broker is, whom it means to reach, and whether the two belong together.

Lives here: the two values, the hello made of them, and the judgement of both ends. Must not live here: connections.

| said in a hello | believed when |
|---|---|
| cluster id | it is the own one; who joins has none yet, and takes that of whoever calls |
| whom the sender means to reach | it is the node that was reached |
| node id | it is not the own one |
| directory id | it is the one noted for this node, or none is noted yet |
| format of the messages | it is the own one |
"""

from __future__ import annotations

from typing import Final

import msgspec

from cordwood.model.peer_errors import PeerRefused
from cordwood.wire.errors import code_of
from cordwood.wire.messages.peer_hello import PeerHelloRequest, PeerHelloResponse

HELLO_VERSION: Final = 0
MESSAGE_VERSION: Final = 1
"""The format of what PeerMessage carries; two brokers that differ in it do not talk."""

NO_DIRECTORY: Final = bytes(16)
"""In a hello: the sender does not know. In a judgement: nothing is noted, and any directory will do."""


class Identity(msgspec.Struct, frozen=True):
    """This broker. `cluster_id` is empty until it belongs to a cluster."""

    cluster_id: str
    node_id: int
    directory_id: bytes
    host: str
    port: int


class Peer(msgspec.Struct, frozen=True):
    """Another broker: where it is reached, and which directory its part of the quorum lies in as far as is known."""

    node_id: int
    host: str
    port: int
    directory_id: bytes = NO_DIRECTORY

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"broker {self.node_id} at {host}:{self.port}"


def hello_to(peer: Peer, own: Identity) -> PeerHelloRequest:
    """What this broker says first."""
    return PeerHelloRequest(
        cluster_id=own.cluster_id,
        node_id=own.node_id,
        directory_id=own.directory_id,
        host=own.host,
        port=own.port,
        receiver_id=peer.node_id,
        message_version=MESSAGE_VERSION,
    )


def answer(own: Identity) -> PeerHelloResponse:
    """What this broker answers to a hello that it believes."""
    return PeerHelloResponse(
        cluster_id=own.cluster_id,
        node_id=own.node_id,
        directory_id=own.directory_id,
        message_version=MESSAGE_VERSION,
    )


def refusal(own: Identity, error: PeerRefused) -> PeerHelloResponse:
    """What it answers to one that it does not believe."""
    refused = answer(own)
    refused.error_code = code_of(error)
    refused.error_message = error.reason
    return refused


def check_hello(own: Identity, hello: PeerHelloRequest, noted_directory: bytes) -> None:
    """Raises PeerRefused unless the sender of a hello is who it says, as far as this broker can know."""
    if hello.receiver_id != own.node_id:
        raise PeerRefused(hello.node_id, f"it wants broker {hello.receiver_id}, and has reached {own.node_id}")
    if hello.node_id == own.node_id:
        raise PeerRefused(hello.node_id, f"it says that it is broker {own.node_id}, which is this one")
    _check(hello, own, noted_directory)


def check_answer(own: Identity, peer: Peer, response: PeerHelloResponse) -> None:
    """Raises PeerRefused unless the broker that was reached is the one that was meant, and takes this one in."""
    if response.error_code:
        raise PeerRefused(peer.node_id, response.error_message or f"it refuses with error {response.error_code}")
    if response.node_id != peer.node_id:
        raise PeerRefused(peer.node_id, f"at {peer.host}:{peer.port} is broker {response.node_id}")
    _check(response, own, peer.directory_id)


def _check(said: PeerHelloRequest | PeerHelloResponse, own: Identity, noted_directory: bytes) -> None:
    if said.message_version != MESSAGE_VERSION:
        reason = f"it speaks version {said.message_version} of the messages, this broker version {MESSAGE_VERSION}"
        raise PeerRefused(said.node_id, reason)
    if said.cluster_id and own.cluster_id and said.cluster_id != own.cluster_id:
        raise PeerRefused(said.node_id, f"it belongs to cluster {said.cluster_id}, this one to {own.cluster_id}")
    if noted_directory not in (NO_DIRECTORY, said.directory_id):
        reason = (
            f"it has the directory {said.directory_id.hex()}, and {noted_directory.hex()} is noted for it: "
            "a node that lost its disk must be removed and added again"
        )
        raise PeerRefused(said.node_id, reason)
