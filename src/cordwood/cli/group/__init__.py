"""Consumer groups: who is in them, how far they have come, and moving them.

    asking.py (a cluster) ──> lag.py, plan.py (what it comes to) ──> listing.py describing.py lagging.py resetting.py deleting.py

Lives here: the commands of `cordwood group`, for classic groups and those of KIP-848 alike. Must not live here: offsets as
people write them (`client.offset_spec`).
"""
