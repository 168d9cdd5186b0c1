"""AlterClientQuotas: sets how much clients may use."""

from __future__ import annotations

from cordwood.wire.schema import Int16, Int32, Message, Struct, Versions


class EntityData(Struct):
    """A part of an entity, such as its user; the name null is the default."""

    entity_type: str = ""
    entity_name: str | None = None


class OpData(Struct):
    """A quota to be set or removed."""

    key: str = ""
    value: float = 0.0
    remove: bool = False


class EntryData(Struct):
    """The changes for one entity."""

    entity: list[EntityData] = []
    ops: list[OpData] = []


class AlterClientQuotasRequest(Message):
    """Sets quotas (KIP-546). Versions 0 to 1; 1 is flexible."""

    api_key = 49
    versions = Versions(0, 1)
    flexible_from = 1

    entries: list[EntryData] = []
    validate_only: bool = False


class EntryDataResponse(Struct):
    """The outcome for one entity."""

    error_code: Int16 = 0
    error_message: str | None = None
    entity: list[EntityData] = []


class AlterClientQuotasResponse(Message):
    """The outcome for each entity. Versions 0 to 1."""

    api_key = 49
    versions = Versions(0, 1)
    flexible_from = 1

    throttle_time_ms: Int32 = 0
    entries: list[EntryDataResponse] = []
