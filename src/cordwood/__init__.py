"""Cordwood: a commit log in Python that speaks the Apache Kafka protocol.

Lives here: the names that a program imports from `cordwood`. Must not live here: anything that runs on import.
"""

__version__ = "0.1.0"
