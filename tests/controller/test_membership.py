"""Changes of the quorum, on controllers with a network in memory, in virtual time."""

from __future__ import annotations

import pytest

from cordwood.controller.members import member_of
from cordwood.controller.membership import Membership
from cordwood.metadata import Endpoint, QuorumNode, quorum
from cordwood.metadata.image import NO_DIRECTORY
from cordwood.model.errors import InvalidRequest
from cordwood.model.quorum_errors import (
    BrokerNotRegistered,
    ChangeTimedOut,
    ChangeUnderWay,
    LastVoter,
    NotQuorumLeader,
    VoterExists,
    VoterNotFound,
    VoterStays,
)
from cordwood.raft import Message
from cordwood.sim.loop_clock import LoopClock
from tests.controller.cluster import Cluster, Seat, config_of, created, registered

OLD, NEW = b"o" * 16, b"n" * 16


def node(number: int, directory_id: bytes = NO_DIRECTORY) -> QuorumNode:
    return QuorumNode(number, directory_id, Endpoint("PLAINTEXT", f"host-{number}", 9092))


class Town(Cluster):
    """A cluster whose nodes can change it. `changed_disk` comes with another directory than OLD, by which it is known."""

    changed_disk = -1

    def membership(self, seat: Seat) -> Membership:
        controller = seat.controller
        membership = Membership(controller, LoopClock(self.loop))

        def note(message: Message) -> int:
            known = controller.image.quorum_nodes.get(self.changed_disk)
            if known and known.directory_id == OLD and member_of(self.changed_disk) in (message.sender, message.to):
                return 0  # Such a node is refused as soon as it says hello.
            if message.to == member_of(seat.id):
                membership.attendance.heard(message.sender)
            return 1

        self.copies = note
        return membership

    async def lead(self) -> tuple[Seat, Membership]:
        seat = await self.leader()
        return seat, self.membership(seat)

    def settle(self, number: int) -> Seat:
        """A node that waits to be added."""
        seat = self.seats[number] = Seat(self, number, config_of(number))
        seat.start()
        return seat

    def voters(self, number: int) -> set[int]:
        configuration = self.seats[number].controller.driver.configuration
        assert not configuration.joint
        return set(configuration.incoming)

    def learners(self, number: int) -> set[int]:
        return set(self.seats[number].controller.driver.configuration.learners)


@pytest.fixture
def town():
    with Town(3) as town:
        town.start()
        yield town


def test_a_node_is_added_and_votes(town):
    async def test():
        seat, membership = await town.lead()
        await seat.propose(registered())
        town.settle(4)
        await seat.do(membership.add(node(4)))
        assert town.voters(seat.id) == {1, 2, 3, 4}
        assert seat.controller.image.quorum_nodes[4] == node(4)
        await town.until(lambda: town.voters(4) == {1, 2, 3, 4})
        assert await town.agreed() == town.seats[4].controller.image
        for other in [other for other in town.up() if other.id not in (4, seat.id)][:1]:
            other.kill()
        await seat.propose(created("three of four decide"))

    town.run(test())


def test_a_single_node_grows_to_three():
    with Town(1) as town:
        town.start()

        async def test():
            seat, membership = await town.lead()
            for number in (2, 3):
                town.settle(number)
                await seat.do(membership.add(node(number)))
            assert town.voters(1) == {1, 2, 3}
            await town.agreed()
            seat.kill()
            other = await town.leader()
            await other.propose(registered())

        town.run(test())


def test_only_the_leader_changes_the_quorum(town):
    async def test():
        leader = await town.leader()
        follower = town.membership(await town.follower())
        for change in (follower.add(node(4)), follower.remove(1), follower.transfer(2)):
            with pytest.raises(NotQuorumLeader) as refused:
                await change
            assert refused.value.leader == leader.id
        with pytest.raises(NotQuorumLeader):
            follower.describe()

    town.run(test())


def test_who_votes_already_is_not_added(town):
    async def test():
        seat, membership = await town.lead()
        with pytest.raises(VoterExists) as refused:
            await seat.do(membership.add(node(2)))
        assert refused.value.voters == (1, 2, 3)

    town.run(test())


def test_a_node_that_is_not_there_is_not_made_a_voter(town):
    async def test():
        seat, membership = await town.lead()
        with pytest.raises(ChangeTimedOut, match="adding node 4 was not done in time: it is a member without a vote"):
            await seat.do(membership.add(node(4), 2.0))
        assert town.voters(seat.id) == {1, 2, 3}
        assert town.learners(seat.id) == {4}
        town.settle(4)
        await seat.do(membership.add(node(4)))
        assert town.voters(seat.id) == {1, 2, 3, 4}

    town.run(test())


def test_what_a_leader_did_before_it_died_stays_done(town):
    async def test():
        seat, membership = await town.lead()
        adding = seat.do(membership.add(node(4)))
        await town.until(lambda: town.learners(seat.id) == {4})
        seat.kill()
        other, membership = await town.lead()
        assert town.learners(other.id) == {4}
        town.settle(4)
        await other.do(membership.add(node(4)))
        assert town.voters(other.id) == {1, 2, 3, 4}
        adding.cancel()

    town.run(test())


def test_a_member_that_is_there_keeps_its_address(town):
    async def test():
        seat, membership = await town.lead()
        other = next(other.id for other in town.up() if other is not seat)
        await seat.propose(registered(other))
        await seat.propose(lambda image: quorum.note(image, node(other, OLD)))
        await seat.do(membership.remove(other))
        mistyped = QuorumNode(other, NO_DIRECTORY, Endpoint("PLAINTEXT", "nowhere", 1))
        await seat.do(membership.add(mistyped))
        assert seat.controller.image.quorum_nodes[other] == node(other, OLD)
        assert town.voters(seat.id) == {1, 2, 3}

    town.run(test())


def test_one_change_at_a_time(town):
    async def test():
        seat, membership = await town.lead()
        first = seat.do(membership.add(node(4)))
        await town.until(lambda: town.learners(seat.id) == {4})
        for change in (membership.add(node(5)), membership.remove(2), membership.transfer(2)):
            with pytest.raises(ChangeUnderWay, match="adding node 4"):
                await seat.do(change)
        town.settle(4)
        await first
        await seat.do(membership.remove(4))
        assert town.voters(seat.id) == {1, 2, 3}

    town.run(test())


def test_a_voter_that_is_a_broker_goes_on_following(town):
    async def test():
        seat, membership = await town.lead()
        gone = next(other.id for other in town.up() if other is not seat)
        await seat.propose(registered(gone))
        await seat.do(membership.remove(gone))
        assert town.voters(seat.id) == {1, 2, 3} - {gone}
        assert town.learners(seat.id) == {gone}
        await seat.propose(created("orders"))
        assert "orders" in (await town.agreed()).topics
        await seat.do(membership.add(node(gone)))
        assert town.voters(seat.id) == {1, 2, 3}

    town.run(test())


def test_a_voter_that_is_no_broker_leaves(town):
    async def test():
        seat, membership = await town.lead()
        gone = next(other.id for other in town.up() if other is not seat)
        await seat.propose(lambda image: quorum.note(image, node(gone, OLD)))
        await seat.do(membership.remove(gone, OLD))
        configuration = seat.controller.driver.configuration
        assert member_of(gone) not in configuration.members
        assert gone not in seat.controller.image.quorum_nodes

    town.run(test())


def test_the_leader_itself_may_go(town):
    async def test():
        seat, membership = await town.lead()
        await seat.propose(registered(seat.id))
        await seat.do(membership.remove(seat.id))
        assert town.learners(seat.id) == {seat.id}
        await town.until(lambda: seat.controller.leader not in (None, seat.id))
        other = await town.leader()
        await other.propose(created("orders"))
        await town.until(lambda: "orders" in seat.controller.image.topics)

    town.run(test())


def test_who_is_no_voter_cannot_be_removed(town):
    async def test():
        seat, membership = await town.lead()
        with pytest.raises(VoterNotFound):
            await seat.do(membership.remove(9))
        await seat.propose(lambda image: quorum.note(image, node(2, OLD)))
        with pytest.raises(VoterNotFound):
            await seat.do(membership.remove(2, NEW))
        with pytest.raises(VoterNotFound):
            await seat.do(membership.transfer(9))

    town.run(test())


def test_the_last_voter_stays():
    with Town(1) as town:
        town.start()

        async def test():
            seat, membership = await town.lead()
            with pytest.raises(LastVoter):
                await seat.do(membership.remove(1))

        town.run(test())


def test_a_node_that_lost_its_disk_begins_anew(town):
    async def test():
        seat, membership = await town.lead()
        lost = next(other.id for other in town.up() if other is not seat)
        await seat.propose(registered(lost))
        await seat.propose(lambda image: quorum.note(image, node(lost, OLD)))
        town.seats[lost].kill()
        await seat.do(membership.remove(lost))
        assert town.learners(seat.id) == {lost}
        town.changed_disk = lost
        town.settle(lost)
        await seat.do(membership.add(node(lost)))
        assert town.voters(seat.id) == {1, 2, 3}
        assert seat.controller.image.quorum_nodes[lost].directory_id == NO_DIRECTORY
        await town.agreed()

    town.run(test())


def test_a_broker_leaves_the_cluster(town):
    async def test():
        seat, membership = await town.lead()
        gone = next(other.id for other in town.up() if other is not seat)
        await seat.propose(registered(gone))
        with pytest.raises(VoterStays):
            await seat.do(membership.unregister(gone))
        await seat.do(membership.remove(gone))
        await seat.propose(created("orders"))
        with pytest.raises(InvalidRequest, match="holds a replica"):
            await seat.do(membership.unregister(gone))
        await seat.propose(registered(seat.id))
        with pytest.raises(BrokerNotRegistered):
            await seat.do(membership.unregister(9))

    town.run(test())


def test_a_broker_without_replicas_leaves_by_any_node(town):
    async def test():
        seat, membership = await town.lead()
        gone, other = [other for other in town.up() if other is not seat]
        await seat.propose(registered(gone.id))
        await seat.do(membership.remove(gone.id))
        with pytest.raises(NotQuorumLeader):
            await gone.do(town.membership(gone).unregister(gone.id))
        await other.do(town.membership(other).unregister(gone.id))
        assert gone.id not in other.controller.image.brokers
        await town.until(lambda: town.learners(seat.id) == set())
        assert gone.id not in seat.controller.image.quorum_nodes
        with pytest.raises(BrokerNotRegistered):
            await seat.do(membership.unregister(gone.id))

    town.run(test())


def test_the_leadership_is_handed_over(town):
    async def test():
        seat, membership = await town.lead()
        target = next(other for other in town.up() if other is not seat)
        await seat.do(membership.transfer(target.id))
        assert await town.leader() is target
        await target.do(town.membership(target).transfer(target.id))
        await seat.propose(registered())

    town.run(test())


def test_who_is_dead_does_not_take_over(town):
    async def test():
        seat, membership = await town.lead()
        dead = next(other for other in town.up() if other is not seat)
        dead.kill()
        with pytest.raises(ChangeTimedOut, match="does it run"):
            await seat.do(membership.transfer(dead.id))
        assert await town.leader() is seat
        await seat.propose(registered())

    town.run(test())


def test_without_a_majority_nothing_changes(town):
    async def test():
        seat, membership = await town.lead()
        for other in town.up():
            if other is not seat:
                other.kill()
        with pytest.raises((ChangeTimedOut, NotQuorumLeader)):
            await seat.do(membership.add(node(4), 5.0))

    town.run(test())


def test_how_it_stands(town):
    async def test():
        seat, membership = await town.lead()
        await seat.propose(registered())
        await seat.propose(lambda image: quorum.note(image, node(2, OLD)))
        await town.agreed()
        membership.attendance.heard(member_of(2))
        state = membership.describe()
        status = seat.controller.driver.status()
        assert (state.leader, state.term, state.is_changing) == (seat.id, status.term, False)
        assert [voter.node_id for voter in state.voters] == [1, 2, 3]
        assert state.observers == ()
        assert max(voter.log_end for voter in state.voters) == state.committed_end == status.commit + 1
        assert state.voters[1].directory_id == OLD
        assert state.nodes == (node(2, OLD),)

    town.run(test())
