"""A raft group against etcd, and both against the disk: `python -m bench.consensus`.

Lives here: groups in one process (`group`) and over loopback (`loopback`), etcd (`etcd`), a long log's start (`restart`).
"""
