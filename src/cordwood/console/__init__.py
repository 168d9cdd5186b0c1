"""The HTTP door: health and metrics now, the web console later.

Lives here: HTTP. Must not live here: counting (see `observe`) and anything that the Kafka port needs to answer.
"""
