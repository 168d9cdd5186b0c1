"""One Raft group on a node: the core of `cordwood.raft` over `cordwood.raftlog`, snapshot files and a transport.

Lives here: the shell. It writes, syncs, sends, applies and answers in the order that the core asks for, and decides
nothing. `Driver` (driver.py) is the front door; the state machine and the way to the peers are ports. Must not live
here: elections, quorums, configurations (`cordwood.raft`); sockets; what the entries mean. docs/design/consensus.md
tells how it hangs together.
"""
