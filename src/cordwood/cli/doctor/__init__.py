"""`cordwood doctor`: what a client on this machine would see of a cluster, and what to change.

    dialing.py (one address) ── evidence.py ──> findings.py (what is wrong, what to do) ──> report.py (what is shown)

Lives here: dialing addresses, and judging what came of it. Must not live here: the state of topics (`cluster health`).
"""
