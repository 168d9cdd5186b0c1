"""Damage of every kind: a raft log whose files were changed is refused, or holds nothing but what it held at some moment."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cordwood.model.errors import CorruptLog
from cordwood.raftlog.codecs import PLAIN
from cordwood.raftlog.verify import verify_directory
from cordwood.sim.disk import SimDisk
from tests.raftlog.model import look
from tests.sim.raftlog_workload import PATH, Workload, config_of, open_log

bytes_ = st.binary(min_size=1, max_size=40)
changes = st.lists(
    st.one_of(
        st.tuples(st.just("change"), st.floats(0, 1), st.integers(1, 255)),
        st.tuples(st.just("overwrite"), st.floats(0, 1), bytes_),
        st.tuples(st.just("zeros"), st.floats(0, 1), st.integers(1, 5000)),
        st.tuples(st.just("cut"), st.floats(0, 1), st.just(0)),
        st.tuples(st.just("lengthen"), st.just(1.0), bytes_),
        st.tuples(st.just("remove"), st.just(0.0), st.just(0)),
    ),
    min_size=1,
    max_size=3,
)


def damage(disk, path, change):
    """Does to a file what the change says."""
    kind, where, what = change
    if kind == "remove":
        disk.unlink(path)
        return
    file = disk.open(path)
    size = file.size()
    at = min(int(where * size), size - 1)
    match kind:
        case "change":
            file.write([bytes([(file.read(1, at)[0] + what) % 256])], at)
        case "overwrite":
            file.write([what[: size - at]], at)
        case "zeros":
            file.write([bytes(min(what, size - at))], at)
        case "cut":
            file.truncate(at)
        case _:
            file.write([what], size)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 30), picks=st.lists(st.integers(0, 99), min_size=3, max_size=3), changed=changes)
def test_it_is_refused_or_holds_nothing_but_what_it_held(seed, picks, changed):
    workload = Workload(SimDisk(), config_of(seed), seed)
    workload.open()
    for _ in range(25):
        workload.step()
    workload.sync()
    disk = workload.disk.kill()
    for pick, change in zip(picks, changed, strict=False):
        chunks = [name for name in disk.list(PATH) if name.endswith(".wal")]
        files = [name for name in chunks if disk.open(f"{PATH}/{name}").size()]
        if files:
            damage(disk, f"{PATH}/{files[pick % len(files)]}", change)
    report = verify_directory(disk.fork(), PATH, PLAIN)
    try:
        log = open_log(disk, workload.config)
    except CorruptLog:
        assert report.damage, "verification saw nothing of what opening refuses"
        return
    found = look(log)
    held = [version.entries for version in workload.versions if version.state == found.state]
    # Where the purge itself was cut off, the chunks that it removed are gone all the same.
    assert any(found.entries.items() <= entries.items() for entries in held), found
    assert not [finding for finding in report.damage if finding.code != "state"], report.damage
