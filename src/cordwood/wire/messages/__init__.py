"""The messages: one module for each pair of request and response, named for the API.

Lives here: declarations in the language of `schema`, with the names and defaults of Kafka's own schemas. Must not live
here: code. Nothing is imported here, so that a tool can take the one message that it needs.
"""
