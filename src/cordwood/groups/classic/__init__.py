"""The classic protocol of groups: JoinGroup, SyncGroup, Heartbeat, LeaveGroup, as Kafka's GroupMetadataManager does it.

All protocol types ("consumer", "connect", "sr" and any other) take the same path: what members say for a protocol and
what the leader assigns are opaque bytes. A decision forks the group as a `Draft`, writes records to it one by one, each
of which changes the draft as replay will change the group, and comes to a `Result`.
"""
