"""The command line.

Lives here: commands, their options, what they print and their exit codes. Must not live here: what they do it with.
Data goes to stdout, everything else to stderr. Exit codes: 0 ok, 1 error, 2 wrong usage or settings.
"""
