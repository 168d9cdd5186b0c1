"""The coordinators of groups as a core: who is a member, who gets which partition, and which offsets were committed.

`classic/` is the protocol of JoinGroup and SyncGroup, `consumer/` that of KIP-848, `offsets/` what both commit;
`shard` is all groups of one partition of `__consumer_offsets`. Nothing here has a clock, dice or files: a decision gets
what it needs as a `Turn` and comes to a `Result`; only `replay` of its records changes state.
"""
