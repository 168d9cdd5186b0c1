"""One partition's data in one directory: the commit log as a library.

Lives here: files, indexes, recovery, durability, the state of idempotent producers. Must not live here: sockets, event
loops, topics' settings, replication. Imports `env`, `model` and `records` only, so that it can be lifted out and used
alone. `Log` (log.py) is the front door; `LogManager` (manager.py) keeps many of them.
"""
