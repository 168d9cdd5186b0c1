"""The coordinators of transactions as a core: who holds a transactional id, what its transaction covers, how it ends.

`shard` is all transactional ids of one partition of `__transaction_state`. Nothing here has a clock, dice or files: a
decision gets what it needs as a `Turn` and comes to a `Result`; only `replay` of its records changes state. Markers are
written by the shell, which asks for them when the decision to end a transaction is durable.
"""
