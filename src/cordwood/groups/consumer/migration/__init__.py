"""Groups that pass from one protocol to the other while their members consume.

`upgrade` makes a classic group a consumer group, when a member of the new protocol joins it. From then on the classic
members are members of the consumer group: `join`, `sync`, `heartbeat` and `departure` answer what they ask, in their own
words. When the last member of the new protocol goes, `downgrade` makes it a classic group again. Both keep all that
members have; `group.consumer.migration.policy` says which of them may be.
"""
