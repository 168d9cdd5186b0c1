"""Raft without I/O: what a node of a replicated log decides.

A core that imports nothing of ours, so it can be lifted out and used alone.
"""
