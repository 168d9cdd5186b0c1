"""Images are prefixes of the committed log."""

from __future__ import annotations

import pytest

from cordwood.consensus.applying import tagged
from cordwood.metadata import EMPTY, commands, records, replay_all
from cordwood.metadata.image import ResourceKind
from cordwood.metadata.records import ClusterRecord, ConfigRecord
from cordwood.raft import Entry, EntryKind
from cordwood.sim.quorum.invariant import Broken
from cordwood.sim.quorum.invariants.images import Images, Shown
from tests.sim.quorum.kit import see
from tests.verdict import verdict

FOUNDED = replay_all(EMPTY, [ClusterRecord("cluster")])


def setting(index: int, base: int, value: str) -> Entry:
    record = records.encode(ConfigRecord(ResourceKind.BROKER, "", "retention.ms", value))
    command = commands.encode(commands.Command(base, b"8 bytes.", index, (record,)))
    return Entry(index, 1, data=tagged(b"origin..", index, command))


@pytest.fixture
def images():
    made = Images(FOUNDED)
    entries = [
        Entry(2, 1),
        setting(3, 0, "1"),
        setting(4, 0, "too late"),
        Entry(5, 1, EntryKind.CONF_CHANGE, b"whatever"),
        setting(6, 3, "2"),
    ]
    made.commits(None, see()[0], entries)
    return made


def test_commands_that_take_effect_make_images(images):
    assert sorted(images.images) == [0, 3, 6]
    assert images.newest is images.images[6]
    assert "2" in str(images.newest.configs)


def test_nodes_may_be_at_any_of_them(images):
    for node, shown in ((1, 0), (2, 3), (3, 6)):
        assert verdict(images.look, node, Shown(images.images[6], images.images[shown])) is None
        assert verdict(images.look, node, Shown(images.images[6], images.images[6])) is None


def test_who_starts_again_may_be_behind(images):
    images.look(1, Shown(images.images[6], images.images[6]))
    images.ends(1)
    assert verdict(images.look, 1, Shown(images.images[3], images.images[0])) is None


def test_an_image_that_goes_back_is_found(images):
    images.look(1, Shown(images.images[6], images.images[6]))
    with pytest.raises(Broken, match="1 went back from revision 6 to 3"):
        images.look(1, Shown(images.images[6], images.images[3]))


def test_what_is_shown_before_it_is_committed_is_found(images):
    with pytest.raises(Broken, match="1 shows revision 6, and knows of 3"):
        images.look(1, Shown(images.images[3], images.images[6]))


def test_another_image_is_found(images):
    other = replay_all(images.images[3], [ConfigRecord(ResourceKind.BROKER, "", "retention.ms", "other")])
    with pytest.raises(Broken, match="not what the committed log leads to"):
        images.look(1, Shown(other, FOUNDED))


def test_a_revision_that_never_was_is_found(images):
    unknown = Images(images.images[6])
    with pytest.raises(Broken, match="revision 3 of 1 is not"):
        unknown.look(1, Shown(images.images[6], images.images[3]))
