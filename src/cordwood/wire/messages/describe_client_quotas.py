"""DescribeClientQuotas: how much clients may use."""

from __future__ import annotations

from cordwood.wire.schema import Int8, Int16, Int32, Message, Struct, Versions


class ComponentData(Struct):
    """What an entity must have: by match type a name (0), the default (1), or any name (2)."""

    entity_type: str = ""
    match_type: Int8 = 0
    match: str | None = None


class DescribeClientQuotasRequest(Message):
    """Asks for the quotas of entities that match (KIP-546). Versions 0 to 1; 1 is flexible."""

    api_key = 48
    versions = Versions(0, 1)
    flexible_from = 1

    components: list[ComponentData] = []
    strict: bool = False


class EntityData(Struct):
    """A part of an entity, such as its user; the name null is the default."""

    entity_type: str = ""
    entity_name: str | None = None


class ValueData(Struct):
    """A quota."""

    key: str = ""
    value: float = 0.0


class EntryData(Struct):
    """The quotas of one entity."""

    entity: list[EntityData] = []
    values: list[ValueData] = []


class DescribeClientQuotasResponse(Message):
    """The quotas. Versions 0 to 1."""

    api_key = 48
    versions = Versions(0, 1)
    flexible_from = 1

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    error_message: str | None = None
    entries: list[EntryData] | None = None
