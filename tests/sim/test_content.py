"""What is found of a file's bytes after a power failure: each of the numbered assumptions of sim.disk."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cordwood.env.dice import SeededDice
from cordwood.sim.content import PAGE_BYTES, SECTOR_BYTES, Content

SEEDS = range(300)


def found(content: Content) -> set[bytes]:
    """Everything that is found in many power failures."""
    return {bytes(content.after_power_failure(SeededDice(seed)).bytes) for seed in SEEDS}


def test_what_was_synced_is_found():
    content = Content()
    content.write(b"kept", 0)
    content.sync()
    assert content.is_synced
    assert found(content) == {b"kept"}


def test_of_one_write_anything_is_found():
    content = Content(b"kept")
    content.write(b"new", 4)
    assert not content.is_synced
    assert content.bytes == b"keptnew"
    everything = found(content)
    assert {b"kept", b"keptn", b"keptnew", b"kept\0\0\0"} <= everything
    assert all(outcome.startswith(b"kept") for outcome in everything)
    assert all(
        outcome in {b"new"[:n] + bytes(m) for n in range(4) for m in range(4)} for outcome in map(tail, everything)
    )


def tail(outcome: bytes) -> bytes:
    """What is behind the synced bytes."""
    return outcome[4:]


def test_pages_are_found_in_any_order():
    content = Content()
    for number, letter in enumerate((b"a", b"b", b"c")):
        content.write(letter * PAGE_BYTES, number * PAGE_BYTES)
    pages = {
        tuple(chr(outcome[at]) for at in range(0, len(outcome), PAGE_BYTES))
        for outcome in found(content)
        if len(outcome) == 3 * PAGE_BYTES
    }
    assert ("\0", "b", "c") in pages
    assert ("a", "\0", "c") in pages
    assert ("a", "b", "c") in pages


def test_a_page_is_found_as_it_was_at_some_time():
    content = Content(bytes(10))
    content.write(b"A" * 10, 0)
    content.write(b"B" * 10, 0)
    for outcome in found(content):
        assert outcome.strip(b"\0") in {b"A" * n for n in range(11)} | {b"B" * n + b"A" * (10 - n) for n in range(11)}


def test_a_page_is_torn_between_sectors_when_later_ones_are_found():
    content = Content()
    content.write(b"x" * PAGE_BYTES, 0)
    content.write(b"y" * PAGE_BYTES, PAGE_BYTES)
    torn = {outcome[:PAGE_BYTES].rstrip(b"\0") for outcome in found(content) if outcome[PAGE_BYTES:].startswith(b"y")}
    assert {len(kept) % SECTOR_BYTES for kept in torn} == {0}
    assert len(torn) > 2


def test_a_cut_is_found_or_not_and_nothing_comes_back_behind_it():
    content = Content(b"0123456789")
    content.cut(4)
    content.write(b"ab", 4)
    for outcome in found(content):
        assert outcome[:4] == b"0123"
        if len(outcome) < 10:
            assert outcome[4:] in {b"", b"\0", b"\0\0", b"a", b"a\0", b"ab"}


def test_what_was_written_to_a_page_that_a_cut_took_away_needs_the_cut():
    content = Content(b"o" * 3 * PAGE_BYTES)
    content.cut(0)
    content.write(b"n" * 2 * PAGE_BYTES, 0)
    for outcome in found(content):
        assert not (len(outcome) == 3 * PAGE_BYTES and b"n" in outcome)


def test_after_a_failed_sync_only_what_changes_again_is_written():
    content = Content(b"kept")
    content.write(b"new", 4)
    content.write(b"far", 2 * PAGE_BYTES)
    nothing = next(seed for seed in SEEDS if bytes(content.after_power_failure(SeededDice(seed)).bytes) == b"kept")
    content.fail_to_sync(SeededDice(nothing))
    content.sync()
    assert content.is_synced
    assert found(content) == {b"kept"}
    content.write(b"more", 2 * PAGE_BYTES + 3)
    content.sync()
    assert content.bytes == b"keptnew" + bytes(2 * PAGE_BYTES - 7) + b"farmore"
    assert found(content.fork()) == {b"kept" + bytes(2 * PAGE_BYTES - 4) + b"farmore"}


def test_half_a_write_is_completed():
    content = Content()
    content.write(b"ab", 0)
    content.write(b"abcd", 0, completes=True)
    assert content.bytes == b"abcd"
    assert b"ab\0d" not in found(content)


def test_a_fork_goes_its_own_way():
    content = Content(b"kept")
    content.write(b"new", 4)
    twin = content.fork()
    content.sync()
    twin.write(b"twin", 4)
    assert content.bytes == b"keptnew"
    assert found(content) == {b"keptnew"}
    assert b"kept" in found(twin)


@given(
    st.lists(
        st.one_of(st.tuples(st.integers(0, 9000), st.binary(max_size=20)), st.integers(0, 9000)), min_size=1, max_size=8
    ),
    st.integers(0, 1 << 30),
)
@settings(max_examples=100)
def test_what_is_found_was_written_or_is_zero(changes, seed):
    content = Content(b"\1" * 5000)
    for change in changes:
        if isinstance(change, int):
            content.cut(change)
        else:
            content.write(change[1], change[0])
    written = {1, 0}.union(*(set(change[1]) for change in changes if not isinstance(change, int)))
    outcome = content.after_power_failure(SeededDice(seed)).bytes
    assert set(outcome) <= written
    assert len(outcome) <= 10_000
