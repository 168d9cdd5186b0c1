"""The consumer groups of KIP-848: the coordinator computes the assignment, members reconcile to it by epochs.

One request (`heartbeat`) joins, stays in and leaves (`leaving`). What it says (`settling`) may bump the group's epoch
(`subscription`), which asks for a new target (`target`, by `assignors/`); each member then goes from what it has to what it
is to have (`reconciliation`), and never gets a partition that another has not given up. `migration/` is groups with members of the
classic protocol. Records are `records`, what they come to is `group` and `member`, by `replay`.
"""
