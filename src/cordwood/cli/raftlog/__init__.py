"""`cordwood raftlog`: the chunks of a raft log, looked at.

Lives here: its commands and their words. Must not live here: the work (cordwood.raftlog).
"""
