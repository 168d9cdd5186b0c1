"""The errors of changes to the quorum: who votes on the metadata, and who may say so.

Lives here: exception classes, as in `errors`, which has the rules. Must not live here: any recovery.
"""

from __future__ import annotations

from cordwood.model.errors import CordwoodError


class NotQuorumLeader(CordwoodError):
    """Only the leader of the quorum can answer this, and it is another node."""

    retriable = True

    def __init__(self, leader: int) -> None:
        who = f"node {leader} leads the quorum, ask it" if leader >= 0 else "no node leads the quorum now, try again"
        super().__init__(f"this node does not lead the quorum: {who}")
        self.leader = leader


class VoterExists(CordwoodError):
    """The node votes already."""

    def __init__(self, node: int, voters: tuple[int, ...]) -> None:
        super().__init__(f"node {node} is a voter already; the voters are {', '.join(map(str, voters))}")
        self.node = node
        self.voters = voters


class VoterNotFound(CordwoodError):
    """The node does not vote, or not with the directory that was named."""

    def __init__(self, node: int, voters: tuple[int, ...], directory_id: bytes = b"") -> None:
        other = f" of the directory {directory_id.hex()}" if directory_id else ""
        super().__init__(f"node {node}{other} is no voter; the voters are {', '.join(map(str, voters))}")
        self.node = node
        self.voters = voters
        self.directory_id = directory_id


class LastVoter(CordwoodError):
    """Without this voter nobody could decide any more."""

    def __init__(self, node: int) -> None:
        super().__init__(f"node {node} is the last voter: add another one before it is removed")
        self.node = node


class VoterStays(CordwoodError):
    """A broker that votes on the metadata cannot leave the cluster."""

    def __init__(self, broker: int) -> None:
        super().__init__(f"broker {broker} votes on the metadata: remove it from the quorum first")
        self.broker = broker


class OtherDirectory(CordwoodError):
    """A node of that id is known with another directory: it lost its disk, or two nodes have the same id."""

    def __init__(self, node: int, known: bytes, attempted: bytes) -> None:
        super().__init__(
            f"node {node} is known with the directory {known.hex()}, not {attempted.hex()}: "
            "if it has lost its disk, remove it from the quorum and add it again; else give it an id of its own"
        )
        self.node = node
        self.known = known
        self.attempted = attempted


class ChangeUnderWay(CordwoodError):
    """The quorum changes one thing at a time, and another change is not done yet."""

    retriable = True

    def __init__(self, change: str) -> None:
        super().__init__(f"another change of the quorum is under way ({change}): try again when it is done")
        self.change = change


class ChangeTimedOut(CordwoodError):
    """A change of the quorum did not come as far as it should within its time."""

    retriable = True

    def __init__(self, change: str, reason: str) -> None:
        super().__init__(f"{change} was not done in time: {reason}")
        self.change = change
        self.reason = reason


class InconsistentClusterId(CordwoodError):
    """The request is for another cluster."""

    def __init__(self, ours: str, named: str) -> None:
        super().__init__(f"this is cluster {ours}, the request is for cluster {named}")
        self.ours = ours
        self.named = named


class BrokerNotRegistered(CordwoodError):
    """There is no broker of that id in the cluster."""

    def __init__(self, broker: int) -> None:
        super().__init__(f"broker {broker} is not registered")
        self.broker = broker


class TakenOut(CordwoodError):
    """This very broker was unregistered while it ran, or another process registered under its id."""

    def __init__(self, broker: int) -> None:
        super().__init__(
            f"broker {broker} was taken out of the cluster, or another one has come in its place: it serves no more; "
            "`cordwood cluster status` shows who belongs to the cluster, `cordwood cluster add` has a node join again"
        )
        self.broker = broker


class NotFounded(CordwoodError):
    """A first member of a cluster starts with a directory in which no cluster was founded, or its disk was lost."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path} holds no metadata, and controller.quorum.voters names other members: a new cluster is founded with "
            "`cordwood cluster bootstrap` on each of them; a member that has lost its disk is removed from the cluster, "
            "and added again with controller.quorum.bootstrap.servers set"
        )
        self.path = path
