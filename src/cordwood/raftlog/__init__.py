"""The write-ahead log of a Raft node: votes, entries, commits and purges in chunk files `r-*.wal`.

Lives here: the chunk format (that of the Rust crate raft-log, release 0.2.6, byte for byte), the rules of each call, the
cache of entries, group commit, recovery, dump and verification. Must not live here: consensus, snapshots, the network.
Imports `env` and `model` only, so that it can be lifted out and used alone. `RaftLog` (raft_log.py) is the front door.
"""
