"""Any history of a compacted log against the list of what was appended."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cordwood.log.compaction.config import CompactionConfig
from cordwood.log.config import LogConfig
from cordwood.records.batch import Codec
from cordwood.records.record import Record
from tests.log.compaction.workshop import DAY_MS, Workshop

BATCHES = st.tuples(
    st.lists(
        st.tuples(
            st.sampled_from([None, b"", b"a", b"b", b"c" * 30, b"d" * 70]),
            st.one_of(st.none(), st.sampled_from([b"", b"v", b"v" * 70])),
            st.integers(-300, 300),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(Codec),
    st.sampled_from([None, 7, 8]),
    st.sampled_from([(), (("h", b"1"),)]),
)


class CompactedLog(RuleBasedStateMachine):
    """Appends of every kind, compactions at any time, cuts and restarts, against a list."""

    @initialize(
        segment_bytes=st.sampled_from([300, 900, 4000]),
        interval_bytes=st.sampled_from([0, 150, 4096]),
        entries=st.sampled_from([1, 3, 1000]),
        retention_ms=st.sampled_from([0, 1000, DAY_MS]),
    )
    def begin(self, segment_bytes, interval_bytes, entries, retention_ms):
        config = LogConfig(flush_policy="os", segment_bytes=segment_bytes, index_interval_bytes=interval_bytes)
        compaction = CompactionConfig(delete_retention_ms=retention_ms)
        self.shop = Workshop(config, entries=entries, compaction=compaction)
        self.clean_below = 0
        self.sequences = {7: 0, 8: 0}

    @rule(batches=st.lists(BATCHES, min_size=1, max_size=8))
    def append(self, batches):
        for pairs, codec, producer, headers in batches:
            records = [Record(0, 10_000 + time, key, value, headers) for key, value, time in pairs]
            options = {}
            if producer is not None:
                options = {"producer_id": producer, "producer_epoch": 0, "base_sequence": self.sequences[producer]}
                self.sequences[producer] += len(records)
            self.shop.append_records(records, codec=codec, **options)

    @rule(part=st.floats(0, 1))
    def compact(self, part):
        bound = int(self.shop.log.end_offset * part) if part < 0.5 else None
        self.clean_below = max(self.clean_below, self.shop.compact(bound).first_dirty)

    @rule(milliseconds=st.sampled_from([1, 1000, DAY_MS]))
    def wait(self, milliseconds):
        self.shop.clock.advance(milliseconds)

    @rule()
    def reopen(self):
        self.shop.reopen()

    @rule()
    def reopen_without_what_can_be_made_again(self):
        self.shop.log.close()
        for name in self.shop.names():
            if name.endswith((".idx", ".timeidx", ".snapshot")):
                self.shop.disk.unlink(f"{self.shop.path}/{name}")
        self.shop.log = self.shop.open()

    @rule(part=st.floats(0, 1))
    def truncate(self, part):
        """Never below the high watermark, and so never where it was compacted."""
        log = self.shop.log
        low = max(self.clean_below, log.start_offset)
        end = log.truncate(low + int((log.end_offset - low) * part))
        self.shop.appended = [record for record in self.shop.appended if record.offset < end]
        self.clean_below = min(self.clean_below, end)
        for producer_id in self.sequences:
            producer = log.producers.find(producer_id)
            self.sequences[producer_id] = producer.batches[-1].last_sequence + 1 if producer else 0

    @rule(part=st.floats(0, 1))
    def truncate_before(self, part):
        log = self.shop.log
        log.truncate_before(log.start_offset + int((log.end_offset - log.start_offset) * part))

    @invariant()
    def it_is_right(self):
        if hasattr(self, "shop"):
            self.shop.check(clean_below=self.clean_below, start_offset=self.shop.log.start_offset)

    @invariant()
    def producers_are_known(self):
        if hasattr(self, "shop"):
            for producer_id, sequence in self.sequences.items():
                producer = self.shop.log.producers.find(producer_id)
                assert not producer or producer.batches[-1].last_sequence == sequence - 1

    def teardown(self):
        if hasattr(self, "shop"):
            self.shop.log.close()


TestCompactedLog = CompactedLog.TestCase
TestCompactedLog.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
