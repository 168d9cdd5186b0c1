"""Members of a classic group as clients are: they join, sync, send heartbeats, and do as they are told.

What a client does with each answer is what the Java client, librdkafka and others agree on. A leader assigns to every
member the member's own key, marked with the generation, so that everybody can see whose share it was given.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from cordwood.groups.classic.commands import Assignment, Heartbeat, Join, Leave, Leaving, Sync
from cordwood.groups.classic.member import MemberProtocol
from cordwood.groups.classic.replies import JoinReply, SyncReply
from cordwood.model import group_errors
from cordwood.model.decision import Ticket
from tests.groups.classic.shell import GROUP

BEGIN_ANEW = (group_errors.UnknownMember, group_errors.IllegalGeneration)
GIVE_UP = (group_errors.FencedInstance, group_errors.GroupFull, group_errors.InconsistentGroupProtocol)


class Phase(Enum):
    """What a client is about to do, or waits for."""

    JOIN = "join"
    JOINING = "joining"
    SYNC = "sync"
    SYNCING = "syncing"
    STABLE = "stable"
    DEAD = "dead"


class Client:
    """One process with one membership."""

    def __init__(
        self, name: str, instance_id: str | None, version: int, timeouts_ms: tuple[int, int], protocols: tuple[str, ...]
    ) -> None:
        self.name = name
        self.instance_id = instance_id
        self.version = version
        self.session_timeout_ms, self.rebalance_timeout_ms = timeouts_ms
        self.protocols = protocols
        self.subscription = 0
        self.phase = Phase.JOIN
        self.member_id = ""
        self.generation = -1
        self.reply: JoinReply | None = None
        self.share: bytes | None = None
        self.ticket: Ticket | None = None
        self.paused = False

    @property
    def is_alive(self) -> bool:
        return self.phase is not Phase.DEAD

    def act(self, ask: Callable[[Any], Ticket]) -> None:
        """Sends what is due, if the client waits for nothing."""
        match self.phase:
            case Phase.JOIN:
                self.phase = Phase.JOINING
                self.ticket = ask(self.join())
            case Phase.SYNC:
                self.phase = Phase.SYNCING
                self.ticket = ask(self.sync())
            case Phase.STABLE:
                self.ticket = ask(Heartbeat(GROUP, self.member_id, self.instance_id, self.generation))
            case _:
                pass

    def hear(self, answer: Any) -> None:
        """Does as an answer to the newest request says."""
        self.ticket = None
        match self.phase:
            case Phase.JOINING if isinstance(answer, JoinReply):
                self._hear_join(answer)
            case Phase.SYNCING if isinstance(answer, SyncReply):
                self.phase = Phase.STABLE
                self.share = answer.assignment
            case _:
                self._hear_error(answer)

    def lose(self) -> None:
        """The connection broke: what was asked is asked again."""
        self.ticket = None
        self.phase = {Phase.JOINING: Phase.JOIN, Phase.SYNCING: Phase.SYNC}.get(self.phase, self.phase)

    def begin_anew(self) -> None:
        """The process started again; a static member has its name but not its member id."""
        self.ticket = None
        self.phase, self.member_id, self.generation, self.reply, self.share = Phase.JOIN, "", -1, None, None

    def join(self) -> Join:
        """Its request to join."""
        return Join(
            group=GROUP,
            member_id=self.member_id,
            instance_id=self.instance_id,
            client_id=self.name,
            client_host="/host",
            session_timeout_ms=self.session_timeout_ms,
            rebalance_timeout_ms=self.rebalance_timeout_ms,
            protocol_type="work",
            protocols=tuple(MemberProtocol(name, b"%d" % self.subscription) for name in self.protocols),
            require_known_member_id=self.version >= 4,
            supports_skipping_assignment=self.version >= 9,
        )

    def sync(self) -> Sync:
        """Its request to sync; a leader's that need not skip brings a share for each member."""
        assert self.reply is not None
        assigns = self.reply.leader == self.member_id and not self.reply.skip_assignment
        given = [(member.member_id, member.instance_id) for member in self.reply.members] if assigns else []
        assignments = tuple(Assignment(member_id, share_of(self.generation, i or member_id)) for member_id, i in given)
        return Sync(GROUP, self.member_id, self.instance_id, self.generation, assignments=assignments)

    def leave(self) -> Leave:
        """Its request to leave."""
        return Leave(GROUP, (Leaving(self.member_id, self.instance_id),))

    def _hear_join(self, reply: JoinReply) -> None:
        if reply.error is None:
            self.phase = Phase.SYNC
            self.member_id, self.generation, self.reply = reply.member_id, reply.generation, reply
        elif isinstance(reply.error, group_errors.MemberIdRequired):
            self.phase, self.member_id = Phase.JOIN, reply.member_id
        else:
            self._hear_error(reply.error)

    def _hear_error(self, error: Any) -> None:
        if isinstance(error, BEGIN_ANEW):
            self.begin_anew()
        elif isinstance(error, group_errors.RebalanceInProgress):
            self.phase = Phase.JOIN
        elif isinstance(error, GIVE_UP):
            self.phase = Phase.DEAD
        else:
            assert error is None, error


def share_of(generation: int, key: str) -> bytes:
    """What a leader gives to one member."""
    return f"{generation}:{key}".encode()
