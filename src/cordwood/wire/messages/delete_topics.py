"""DeleteTopics: topics to be removed, by name or by id."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import NO_UUID, Int16, Int32, Message, Struct, Uuid, Versions, nullable, since, until


class DeleteTopicState(Struct):
    """A topic by name, or by id when the name is null."""

    name: str | None = None
    topic_id: Uuid = NO_UUID


class DeleteTopicsRequest(Message):
    """Deletes topics: by `topic_names` up to version 5, by `topics` since. Versions 1 to 6; 4 is flexible."""

    api_key = 20
    versions = Versions(1, 6)
    flexible_from = 4

    topics: Annotated[list[DeleteTopicState], since(6)] = []
    topic_names: Annotated[list[str], until(5)] = []
    timeout_ms: Int32 = 0


class DeletableTopicResult(Struct):
    """The outcome for one topic."""

    name: Annotated[str | None, nullable(since=6)] = ""
    topic_id: Annotated[Uuid, since(6)] = NO_UUID
    error_code: Int16 = 0
    error_message: Annotated[str | None, since(5)] = None


class DeleteTopicsResponse(Message):
    """The outcome for each topic. Versions 1 to 6."""

    api_key = 20
    versions = Versions(1, 6)
    flexible_from = 4

    throttle_time_ms: Int32 = 0
    responses: list[DeletableTopicResult] = []
