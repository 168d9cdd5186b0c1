"""A faust application: counts words in a table, which faust keeps in a changelog topic of its own.

It runs in the environment that tests/clients/setup makes for it, and says each word that it has counted: faust logs what
is printed.
"""

from __future__ import annotations

import os

import faust

app = faust.App(
    os.environ["WORDS_APP"],
    broker=f"kafka://{os.environ['WORDS_BOOTSTRAP']}",
    store="memory://",
    topic_partitions=int(os.environ["WORDS_PARTITIONS"]),
    web_enabled=False,
    topic_disable_leader=True,
    broker_session_timeout=4,
    broker_heartbeat_interval=0.25,
    broker_commit_interval=0.1,
)
words = app.topic(os.environ["WORDS_TOPIC"], key_type=str, value_type=str, key_serializer="raw", value_serializer="raw")
counts = app.Table("counts", default=int)


@app.agent(words)
async def count(stream: faust.StreamT) -> None:
    """Count the words in the order in which they come."""
    async for word in stream:
        counts[word] += 1
        print(word)
