"""Clusters: founding them, looking at them, changing who votes.

Lives here: the commands of `cordwood cluster`, and the small client for requests that no client library has. Must not live
here: topics and groups, which have rooms of their own.
"""
