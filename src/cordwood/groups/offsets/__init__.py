"""Committed offsets: how far each group has read.

`commands` is what may be asked and `replies` what it comes to, `records` what is written, `table` the state;
`committing`, `fetching` and `removing` are the decisions.
"""
