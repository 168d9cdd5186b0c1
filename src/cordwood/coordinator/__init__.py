"""The shell of the coordinators: groups over the partitions of `__consumer_offsets`.

`groups` is the face; `shard_runner` carries out what one shard decides: writing, durability, answers; `loading` brings a
shard back from its log, `stored` knows the bytes of its records, `timers` when things are due, `lag` how far groups are
behind.
"""
