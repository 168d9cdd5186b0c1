"""Format strings, as kcat and rpk have them: `%k` for the key, `%v` for the value, and so on.

Lives here: scanning them, writing records by them, reading records by them. Must not live here: a client, or options.
"""
