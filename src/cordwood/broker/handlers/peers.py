"""What other brokers say: PeerHello (20000), PeerMessage (20001).

Lives here: which connection belongs to whom. A connection is a peer's from the hello on that is believed, and stays that
peer's. A message before it, a message in another's name and a second hello of somebody else cost that connection and
nothing else. Left out: proof. Whoever reaches the port may say that it is a peer, until connections are encrypted.
"""

from __future__ import annotations

from cordwood.broker.context import Call, Threshold
from cordwood.model.errors import ProtocolError
from cordwood.wire.messages.peer_hello import PeerHelloRequest, PeerHelloResponse
from cordwood.wire.messages.peer_message import PeerMessageRequest


def handle_peer_hello(context: Threshold, call: Call, request: PeerHelloRequest) -> PeerHelloResponse:
    """Who this broker is, or why it wants nothing of the sender. Raises ProtocolError."""
    session = call.session
    if session.peer_id not in (None, request.node_id):
        raise ProtocolError(f"the connection of broker {session.peer_id} says that it is broker {request.node_id}")
    response = context.peers.hello(request)
    if not response.error_code:
        session.peer_id = request.node_id
    return response


def handle_peer_message(context: Threshold, call: Call, request: PeerMessageRequest) -> None:
    """Hands the message on; there is no answer. Raises ProtocolError."""
    sender = call.session.peer_id
    if sender is None:
        raise ProtocolError("a message of a peer that has not said who it is")
    if request.frame is None:
        raise ProtocolError(f"broker {sender} sent a message without a frame")
    context.peers.message(sender, request.frame)
