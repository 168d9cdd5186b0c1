"""The simulation: a world of its own for our code to run in, where every fault happens on purpose and again.

Shipped, so that users can test with it. Must not live here: anything that a running broker needs.
"""
