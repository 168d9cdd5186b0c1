"""A group of drivers on simulated disks: elections, proposals, deaths, partitions, snapshots, changes of the members."""

from __future__ import annotations

import pytest

from cordwood.model.consensus_errors import GroupStopped, NotTaken, OutcomeUnknown
from cordwood.model.errors import InvalidRequest, StorageFailed
from cordwood.raft import NOBODY, Change, ChangeKind, ConfChange, Configuration, RaftConfig, Snapshot
from cordwood.raft.messages import InstallSnapshot
from cordwood.raftlog.config import RaftLogConfig
from cordwood.sim.faults import Fault, Operation
from tests.consensus.world import World, config_of


def test_one_node_is_a_quorum_of_one():
    world = World(1)
    leader = world.elected()
    before = leader.metrics().fsyncs
    assert world.get(world.propose(leader)) > 1
    assert leader.metrics().fsyncs == before + 1


def test_one_node_alone_leads_at_once():
    world = World(1)
    world.elected()
    assert world.loop.now < 0.01, "sooner than one tick"


def test_what_comes_together_shares_a_sync():
    world = World(1, log=RaftLogConfig())
    leader = world.elected()
    before = leader.metrics().fsyncs
    futures = [world.propose(leader) for _ in range(50)]
    world.run_until(lambda: all(future.done() for future in futures))
    world.run(0)
    assert len(world.ledger.acknowledged) == 50
    assert leader.metrics().fsyncs - before == 1


@pytest.mark.parametrize("power", [False, True])
def test_a_restart_gives_the_state_back(power):
    world = World(1)
    for _ in range(70):
        world.get(world.propose(world.elected()))
    assert world.elected().metrics().snapshots_made >= 2
    world.members[1].end(power=power)
    world.agree()
    assert len(world.members[1].journal.commands) == 70


def test_three_elect_a_leader_and_followers_hand_on():
    world = World()
    world.get(world.propose(world.elected()))
    index = world.get(world.propose(world.follower()))
    assert world.ledger.acknowledged[index] == b"command 2"
    world.agree()


@pytest.mark.parametrize("power", [False, True])
@pytest.mark.parametrize("leads", [False, True])
def test_a_death_of_either_role_loses_nothing(power, leads):
    world = World()
    for _ in range(5):
        world.get(world.propose(world.elected()))
    victim = world.elected() if leads else world.follower()
    pending = [world.propose(victim) for _ in range(3)]
    world.members[victim.id].end(power=power)
    for _ in range(5):
        world.get(world.propose(world.elected()))
    assert not any(future.done() for future in pending)
    world.agree()


def test_a_leader_without_a_majority_answers_nobody():
    world = World()
    old = world.elected()
    world.network.part({old.id: 1})
    future = world.propose(old)
    world.run_until(lambda: world.leader() not in {None, old})
    world.get(world.propose(world.leader()))
    world.run_until(future.done)
    assert isinstance(future.exception(), OutcomeUnknown)
    assert "leader" in str(future.exception())
    world.network.part({})
    world.agree()


def test_out_of_time_is_told(monkeypatch):
    world = World(raft=RaftConfig(1, check_quorum=False), size=1)
    leader = world.elected()
    monkeypatch.setattr(leader.storage.log.flusher, "turn", lambda: None)  # The disk hangs.
    future = world.propose(leader)
    world.run_until(future.done)
    assert isinstance(future.exception(), OutcomeUnknown)
    assert "100 ticks" in str(future.exception())


def test_without_a_leader_nothing_is_taken():
    world = World()
    driver = world.drivers()[0]
    proposal, read = world.propose(driver), world.read(driver)
    world.run_until(lambda: proposal.done() and read.done(), 0.01)
    assert isinstance(proposal.exception(), NotTaken)
    assert isinstance(read.exception(), NotTaken)


def test_reads_are_not_stale():
    world = World()
    for _ in range(3):
        world.get(world.propose(world.elected()))
        for driver in world.drivers():
            world.get(world.read(driver))
    assert world.ledger.seen["reads"] == 9


def test_a_follower_that_lags_a_little_gets_the_log():
    world = World()
    away = world.follower()
    world.network.part({away.id: 1})
    for _ in range(10):
        world.get(world.propose(world.elected()))
    world.network.part({})
    world.agree()
    assert away.metrics().snapshots_installed == 0


@pytest.mark.parametrize("damage_ppm", [0, 200_000])
def test_a_follower_that_lags_far_gets_a_snapshot(damage_ppm):
    world = World(seed=3)
    away = world.follower()
    world.network.part({away.id: 1})
    for _ in range(60):
        world.get(world.propose(world.elected()))
    world.network.part({})
    world.network.weather.damage_ppm = damage_ppm
    world.run_until(lambda: away.metrics().snapshots_installed, 60)
    world.network.weather.damage_ppm = 0
    world.agree()
    assert world.members[away.id].journal.restored == 2
    assert bool(world.network.seen["damaged"]) == bool(damage_ppm)


def test_a_leader_hands_over():
    world = World()
    old, heir = world.elected(), world.follower()
    old.transfer_leadership(heir.id)
    world.run_until(lambda: world.leader() is heir and old.leader == heir.id)
    assert world.get(world.propose(old))


def test_who_leads_is_told():
    world = World()
    told = []
    first = world.elected()
    other = world.follower()
    other._on_leader = told.append
    world.members[first.id].end(power=False)
    world.run_until(lambda: world.leader() not in {None, first})
    assert told[0] == NOBODY
    assert told[-1] == world.leader().id


def test_members_change_by_joint_consensus():
    world = World(5, founders=3)
    leader = world.elected()
    for _ in range(40):
        world.get(world.propose(leader))
    changes = (Change(ChangeKind.ADD_VOTER, 4), Change(ChangeKind.ADD_VOTER, 5), Change(ChangeKind.REMOVE, leader.id))
    configuration = world.get(leader.change(ConfChange(changes)))
    assert configuration.joint
    others = {1, 2, 3, 4, 5} - {leader.id}
    world.run_until(
        lambda: any(not d.configuration.joint and d.configuration.voters == others for d in world.drivers())
    )
    world.run_until(lambda: world.leader() not in {None, leader})
    world.get(world.propose(world.elected()))
    world.agree()


def test_a_change_that_does_not_fit_is_refused():
    world = World(1)
    leader = world.elected()
    world.run_until(lambda: leader.metrics().applied >= 2)
    future = leader.change(ConfChange((Change(ChangeKind.REMOVE, 1),)))
    world.run_until(future.done)
    assert isinstance(future.exception(), InvalidRequest)


def test_bounds_refuse():
    world = World(1, max_pending_requests=2)
    leader = world.elected()
    world.propose(leader)
    world.propose(leader)
    with pytest.raises(NotTaken, match="slow down"):
        world.propose(leader)
    with pytest.raises(InvalidRequest, match="limit"):
        leader.propose(bytes(leader.config.raft.max_entry_size))


def test_a_disk_that_fails_ends_the_node():
    world = World(1)
    leader = world.elected()
    failures = []
    leader._on_failure = failures.append
    world.members[1].disk.faults.fail(Fault(Operation.DATASYNC, 5))
    world.loop.after_each = world.members[1].turn_if_due
    future = world.propose(leader)
    world.run_until(future.done)
    assert isinstance(future.exception(), GroupStopped)
    assert isinstance(failures[0], StorageFailed)
    with pytest.raises(GroupStopped):
        leader.propose(b"x")
    sent = world.network.seen.total()
    leader.tick()
    assert world.network.seen.total() == sent


def test_closing_fails_who_waits():
    world = World(1)
    leader = world.elected()
    future = world.propose(leader)
    leader.close()
    leader.close()
    assert isinstance(future.exception(), GroupStopped)
    with pytest.raises(GroupStopped):
        leader.read_index()


def test_a_snapshot_without_its_pieces_is_of_no_use():
    world = World(1)
    leader = world.elected()
    leader.receive(InstallSnapshot(2, 1, 9, Snapshot(50, 8, Configuration(frozenset({1, 2})))))
    assert leader.metrics().refused == 1
    assert leader.metrics().term < 9


def test_numbers_tell_how_it_stands():
    world = World()
    leader = world.elected()
    world.get(world.propose(leader))
    numbers = leader.metrics()
    assert numbers.is_leader
    assert numbers.leader == leader.id
    assert numbers.commit >= numbers.applied >= 3
    assert numbers.pending == 0
    assert config_of(1).max_message_bytes > 0


def test_until_its_turn_the_log_may_lag_behind_what_raft_says():
    world = World(1)
    leader = world.elected()
    world.run(1)
    assert not leader.is_due
    world.propose(leader)
    assert leader.is_due
    world.run(1)
    assert not leader.is_due
    assert leader.status().last == leader.storage.last_index()
