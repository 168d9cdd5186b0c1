"""The Kafka protocol without sockets: frames, headers, messages and the table of what is served.

Lives here: how bytes become messages and messages become bytes. Must not live here: sockets, and what a request means.
"""
