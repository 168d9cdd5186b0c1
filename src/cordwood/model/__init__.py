"""Nouns that every layer shares: numbers with names, typed errors, limits, and the table of settings.

Lives here: values and names without behaviour. Must not live here: clocks, files, sockets, threads, bytes on the wire.
"""
