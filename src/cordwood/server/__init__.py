"""The door for Kafka clients: listening sockets, connections and their order of answers.

Lives here: sockets and buffers. Must not live here: what a request means; that is `broker`.
"""
