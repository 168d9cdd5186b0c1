"""Looking at the files of logs, and mending them, from outside: what `cordwood log` does.

Lives here: dump, verify, repair and stats, with what they share. Must not live here: a running log; nothing that runs
imports this package. Looking takes no lock and changes nothing, so it is done beside a broker that writes; mending needs
the ownership of the directory. Memory is bounded: stores are walked in pieces.
"""
