"""Further brokers of the cluster that a test's server is in: registered, and nowhere to be found.

Lives here: their registration. Must not live here: tests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from cordwood.metadata import Endpoint, Image, Result, brokers
from cordwood.metadata.brokers import Registration
from cordwood.model.ids import BrokerId
from cordwood.testing import Server
from cordwood.wire.messages.create_topics import CreatableReplicaAssignment, CreatableTopic, CreateTopicsRequest
from tests.raw_client import RawClient

WITHIN_S = 20.0
HOST = "neighbour.example"
PORT = 9099


def propose(server: Server, decide: Callable[[Image], Result[Any]]) -> Any:
    """Has the server's controller carry out a decision, from outside its loop."""
    node = server.node
    return asyncio.run_coroutine_threadsafe(node.controller.propose(decide), node.context.loop).result(WITHIN_S)


def register(server: Server, broker_id: int, *, listener: str = "PLAINTEXT") -> None:
    """Another broker is in the cluster."""
    endpoint = Endpoint(listener, HOST, PORT)
    registration = Registration(BrokerId(broker_id), bytes([broker_id]) * 16, (endpoint,))
    propose(server, lambda image: brokers.register(image, registration))


def assign(client: RawClient, name: str, *leaders: int) -> None:
    """Makes a topic with a partition for each of these brokers."""
    assignments = [CreatableReplicaAssignment(index, [leader]) for index, leader in enumerate(leaders)]
    wanted = CreatableTopic(name=name, num_partitions=-1, replication_factor=-1, assignments=assignments)
    (answer,) = client.ask(CreateTopicsRequest(topics=[wanted]), 7).topics
    assert answer.error_code == 0, answer.error_message
