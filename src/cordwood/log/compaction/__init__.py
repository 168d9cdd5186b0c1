"""Compaction: a log that keeps the last record of each key.

Lives here: which segments are dirty, the map of the newest offsets, filtered copies of segments, and their swap into the
log. Must not live here: retention by time or size, the running log, the threads of a broker. `Compactor` (compactor.py)
compacts one log; `CompactionSchedule` (schedule.py) picks the next one of many. The whole of it: docs/design/compaction.md.
"""
