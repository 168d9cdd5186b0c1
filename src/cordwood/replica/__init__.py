"""Partitions over logs: the high watermark, who waits for it, and the set of partitions that this broker holds.

Lives here: the joint between a log (synchronous, threads) and the event loop. Must not live here: requests, metadata
decisions, files.
"""
