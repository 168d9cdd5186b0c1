"""The records of groups as keys and values in `__consumer_offsets`, in Kafka's formats.

Lives here: which record is which of Kafka's, field by field: `offsets`, `classic` and `consumer`, and `codec` over all.
Must not live here: the layout of keys and values in bytes (`wire.stored`).
"""
