"""Records that coordinators keep in internal topics, in the formats of Kafka, so that its tools read them.

Lives here: declarations in the language of `schema`, and `codec`, which tells from a key what it is. Must not live here:
what a record means, and requests and responses (`messages`).
"""
