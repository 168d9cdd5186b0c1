"""One module for each codec of Kafka's, with the traps of its library.

Each offers `compress` and `decompress` as `compression.CodecModule` says, and translates its library's errors.
"""
