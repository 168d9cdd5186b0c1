"""What the broker counts about itself, as plain numbers on plain objects.

Lives here: counters and their meaning. Must not live here: how they are shown (see `console`), clocks, threads.
"""
