"""The metrics of clients (KIP-714): who is asked for what, and what came of it. A core.

What clients push is shown by the broker as metrics of Prometheus. Everything in here is bounded, because anybody may push.
"""
