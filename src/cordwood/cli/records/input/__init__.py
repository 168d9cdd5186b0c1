"""What is to be produced, as it comes in: bytes of files become records, one after the other.

Lives here: the forms of input, each a function from a feed of bytes to records. Must not live here: a client.
"""
