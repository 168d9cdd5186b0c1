"""`cordwood topic`: topics of any Kafka.

Lives here: its commands, one a file, and how topics are chosen (`choosing`). Must not live here: connecting and offsets
(`client`), what is shown how (`terminal`), records themselves (`records`).
"""
