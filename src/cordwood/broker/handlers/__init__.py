"""One file for each family of requests; each opens with the APIs it serves and what it leaves out.

A handler takes `(context, call, request)` and gives the response message, a future of it, or a coroutine. It never
looks at bytes, and at the version only where Kafka's meaning, not its layout, changed with it.
"""
