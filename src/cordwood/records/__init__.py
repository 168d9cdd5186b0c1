"""The record batch (Kafka's format v2): its header, its records, its codecs.

Lives here: bytes to values and back. Must not live here: files, sockets, clocks, and what a batch means to a log.
"""
