"""A first member is founded once, in a directory without a past, and whole or not at all."""

from __future__ import annotations

import pytest

from cordwood.consensus.config import GroupConfig
from cordwood.consensus.opening import open_storage
from cordwood.env.dice import SeededDice
from cordwood.metadata import Endpoint, QuorumNode, snapshot
from cordwood.metadata.image import NO_DIRECTORY
from cordwood.model.errors import CorruptLog, DirectoryLocked
from cordwood.node.configuration import ConfigurationError, load
from cordwood.node.founding import Founded, FoundingRefused, found_member
from cordwood.raft import RaftConfig
from cordwood.sim.disk import SimDisk
from cordwood.sim.stops import Stop, stops

DATA = "/sim/data"
QUORUM = f"{DATA}/__cluster_metadata"
GROUP = GroupConfig(RaftConfig(1))
CLUSTER = "MkU3OEVBNTcwNTJENDM2Qk"
VOTERS = "1@a.example:9092,2@b.example:9092,3@c.example:9092"


def config_of(node: int = 1, **more: str):
    settings = {
        "node.id": str(node),
        "log.dirs": DATA,
        "listeners": ":9092",
        "cluster.id": CLUSTER,
        "controller.quorum.voters": VOTERS,
        **{name.replace("_", "."): value for name, value in more.items()},
    }
    return load(sets=[f"{name}={value}" for name, value in settings.items() if value])


def found(disk: SimDisk, node: int = 1, *, if_needed: bool = False, **more: str) -> Founded:
    return found_member(config_of(node, **more), disk, SeededDice(1), if_needed=if_needed)


def new_disk() -> SimDisk:
    return SimDisk(SeededDice(3))


def founding_of(disk: SimDisk) -> tuple[object, bytes]:
    """The configuration and the state that a member begins with."""
    storage = open_storage(QUORUM, GROUP, disk=disk)
    try:
        newest = storage.snapshot()
        return newest.configuration, b"".join(storage.snapshots.parts(newest.position))
    finally:
        storage.log.close()


def test_every_first_member_begins_with_the_same():
    begun = []
    for node in (1, 2, 3):
        disk = new_disk()
        assert found(disk, node) == Founded(CLUSTER, node, QUORUM, config_of().voters, is_new=True)
        begun.append(founding_of(disk))
    assert begun[0] == begun[1] == begun[2]
    configuration, state = begun[0]
    image = snapshot.restore([state])
    assert str(configuration) == "voters=(1 2 3)"
    assert image.cluster_id == CLUSTER
    assert image.quorum_nodes == {
        number: QuorumNode(number, NO_DIRECTORY, Endpoint("PLAINTEXT", f"{host}.example", 9092))
        for number, host in ((1, "a"), (2, "b"), (3, "c"))
    }


def test_who_is_alone_needs_no_cluster_id():
    founded = found(new_disk(), cluster_id="", controller_quorum_voters="1@a.example:9092")
    assert len(founded.cluster_id) == 22


def test_node_0_may_be_a_member():
    disk = new_disk()
    found(disk, 0, controller_quorum_voters="0@a.example:9092,1@b.example:9092")
    configuration, state = founding_of(disk)
    assert str(configuration) == f"voters=(1 {1 << 31})"
    assert set(snapshot.restore([state]).quorum_nodes) == {0, 1}


def test_a_member_is_founded_once():
    disk = new_disk()
    found(disk)
    with pytest.raises(FoundingRefused, match=f"node of the cluster {CLUSTER} already"):
        found(disk)
    again = found(disk, if_needed=True)
    assert (again.is_new, again.cluster_id) == (False, CLUSTER)


@pytest.mark.parametrize(
    ("node", "more"), [(1, {"cluster_id": "other"}), (4, {"controller_quorum_voters": f"{VOTERS},4@d.example:9092"})]
)
def test_if_needed_does_not_pass_over_another_cluster_or_node(node, more):
    disk = new_disk()
    found(disk)
    with pytest.raises(FoundingRefused, match=f"of the cluster {CLUSTER}, not of node {node}"):
        found(disk, node, if_needed=True, **more)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"controller_quorum_voters": ""}, "controller.quorum.voters: is not set"),
        ({"node_id": "7"}, "node.id: 7 is none of the members"),
        ({"listeners": ":9093"}, "none of its listeners and advertised.listeners has that port"),
        ({"cluster_id": ""}, "cluster.id: is not set"),
    ],
)
def test_what_a_configuration_has_to_say(more, words):
    with pytest.raises(ConfigurationError) as refused:
        found(new_disk(), **more)
    (mistake,) = refused.value.mistakes
    assert words in mistake


def test_every_mistake_is_told_at_once():
    disk = new_disk()
    with pytest.raises(ConfigurationError) as refused:
        found(disk, listeners=":1", cluster_id="")
    assert len(refused.value.mistakes) == 2
    assert not disk.exists(DATA)


def test_an_advertised_port_will_do():
    assert found(new_disk(), listeners="127.0.0.1:0", advertised_listeners="a.example:9092").is_new


def test_directories_with_a_past_are_refused_with_all_reasons():
    disk = new_disk()
    for name in ("orders-0", "orders-1", "orders-10", "orders-2", "lost+found"):
        disk.make_directory(f"/sim/other/{name}")
    disk.make_directory(f"{DATA}/__cluster_metadata-0")
    with pytest.raises(FoundingRefused) as refused:
        found(disk, log_dirs=f"{DATA},/sim/other,/sim/new")
    assert refused.value.reasons == (
        f"{DATA} holds logs already (__cluster_metadata-0)",
        "/sim/other holds logs already (orders-0, orders-1, orders-10 and 1 more)",
    )
    assert not disk.exists(QUORUM)


def test_who_waits_to_join_is_not_founded():
    disk = new_disk()
    disk.make_directory(QUORUM)
    open_storage(QUORUM, GROUP, disk=disk).log.close()
    for if_needed in (False, True):
        with pytest.raises(FoundingRefused, match="waits to join"):
            found(disk, if_needed=if_needed)


def test_a_directory_in_use_is_refused():
    disk = new_disk()
    disk.make_directory(DATA)
    disk.make_directory("/sim/other")
    for directory in (DATA, "/sim/other"):
        lock = disk.lock(directory)
        with pytest.raises(DirectoryLocked):
            found(disk, log_dirs=f"{DATA},/sim/other")
        lock.release()
    assert found(disk).is_new, "the locks were given back"


def test_a_damaged_member_is_not_founded_anew():
    disk = new_disk()
    found(disk)
    (name,) = disk.list(f"{QUORUM}/snapshots")
    file = disk.open(f"{QUORUM}/snapshots/{name}")
    file.truncate(file.size() - 1)
    file.close()
    with pytest.raises(CorruptLog):
        found(disk, if_needed=True)


def test_a_crash_in_the_midst_is_harmless():
    """At each file operation, killed and without power: the next attempt finds all of it, or does all of it."""
    disk, seen = new_disk(), set()
    reference = new_disk()
    found(reference)

    def examine(stop: Stop) -> None:
        again = found(stop.disk, if_needed=True)
        seen.add(again.is_new)
        assert again.cluster_id == CLUSTER
        assert founding_of(stop.disk) == founding_of(reference.fork())

    with stops(disk, SeededDice(5), examine, power_failures=3):
        found(disk)
    assert seen == {True, False}
