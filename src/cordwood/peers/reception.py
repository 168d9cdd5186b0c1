"""Who may speak with this broker, and what becomes of what they say.

Lives here: the answer to a hello, and the count of what came. Must not live here: connections and sessions (`server`,
`broker`), and what messages mean: they are handed on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from cordwood.model.peer_errors import PeerRefused
from cordwood.peers.identity import Identity, Peer, answer, check_hello, refusal

if TYPE_CHECKING:
    from cordwood.wire.messages.peer_hello import PeerHelloRequest, PeerHelloResponse

logger = logging.getLogger(__name__)

TOLD_LIMIT: Final = 64
"""Of so many refused brokers it is remembered what was told of them."""


class Reception:
    """Receives what peers say to this broker."""

    def __init__(
        self,
        own: Callable[[], Identity],
        noted_directory: Callable[[int], bytes],
        called: Callable[[Peer], None],
        take: Callable[[int, memoryview], bool],
    ) -> None:
        """`noted_directory` of a broker is NO_DIRECTORY where none is noted; `called` is told of who said hello.

        `take` is given a message and its sender, as a view for the time of the call; it is False for damaged ones.
        """
        self._own = own
        self._noted_directory = noted_directory
        self._called = called
        self._take = take
        self._told: dict[int, str] = {}
        self.greeted = 0
        self.refused = 0
        self.received = 0
        self.damaged = 0

    def hello(self, hello: PeerHelloRequest) -> PeerHelloResponse:
        """The answer to a hello; its error code tells whether the sender is believed."""
        own = self._own()
        noted = self._noted_directory(hello.node_id)
        try:
            check_hello(own, hello, noted)
        except PeerRefused as error:
            self.refused += 1
            self._tell(hello.node_id, str(error))
            return refusal(own, error)
        self.greeted += 1
        self._called(Peer(hello.node_id, hello.host, hello.port, noted))
        return answer(own)

    def _tell(self, node_id: int, refusal: str) -> None:
        """Who is refused calls again and again; it is told of once."""
        if self._told.get(node_id) != refusal:
            if len(self._told) >= TOLD_LIMIT:
                self._told.clear()
            self._told[node_id] = refusal
            logger.warning("refused a hello: %s", refusal)

    def message(self, sender: int, frame: memoryview) -> None:
        """Hands a message on. What is damaged is counted and dropped. Raises ProtocolError for one in another's name."""
        self.received += 1
        if not self._take(sender, frame):
            self.damaged += 1
