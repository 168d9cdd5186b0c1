"""Decisions and questions about quotas: how much clients may use.

Lives here: which quotas there are, for which entities, what may be said of them (AlterClientQuotas) and asked
(DescribeClientQuotas), with the errors of Kafka's controller. Must not live here: which quota holds for a client, and
what holding it means (`broker.quotas`).

    user, client-id, both     bytes produced and fetched a second, percent of a second, partitions a second
    ip                        connections a second
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import IntEnum
from types import MappingProxyType
from typing import Final

import msgspec

from cordwood.metadata.image import EntityPart, Image, QuotaEntity
from cordwood.metadata.records import QuotaRecord, Record
from cordwood.metadata.result import Result
from cordwood.model.errors import CordwoodError, InvalidRequest, PolicyViolation, UnsupportedVersion
from cordwood.model.limits import QUOTA_ENTITIES_LIMIT
from cordwood.model.settings.setting import INT_MAX, LONG_MAX, Kind

USER: Final = "user"
CLIENT_ID: Final = "client-id"
IP: Final = "ip"
ENTITY_KINDS: Final = (CLIENT_ID, IP, USER)
"""In the order in which the parts of an entity stand."""

PRODUCER_BYTE_RATE: Final = "producer_byte_rate"
CONSUMER_BYTE_RATE: Final = "consumer_byte_rate"
REQUEST_PERCENTAGE: Final = "request_percentage"
CONTROLLER_MUTATION_RATE: Final = "controller_mutation_rate"
CONNECTION_CREATION_RATE: Final = "connection_creation_rate"

CLIENT_QUOTAS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        PRODUCER_BYTE_RATE: Kind.LONG,
        CONSUMER_BYTE_RATE: Kind.LONG,
        REQUEST_PERCENTAGE: Kind.DOUBLE,
        CONTROLLER_MUTATION_RATE: Kind.DOUBLE,
    }
)
"""The quotas of users and clients."""

IP_QUOTAS: Final[Mapping[str, Kind]] = MappingProxyType({CONNECTION_CREATION_RATE: Kind.INT})
"""The quotas of addresses."""

_HIGHEST: Final[Mapping[Kind, int]] = MappingProxyType({Kind.INT: INT_MAX, Kind.LONG: LONG_MAX})
_WHOLE_TOLERANCE: Final = 1e-6
"""So far from a whole number a value is still taken for one (as Kafka: it has come through a float)."""


# AlterClientQuotas.


class QuotaChange(msgspec.Struct, frozen=True):
    """One quota to set, or to take away when `value` is None."""

    key: str
    value: float | None


class QuotaAlteration(msgspec.Struct, frozen=True):
    """Changes to some quotas of an entity, whose parts may stand in any order; the other quotas stay."""

    entity: tuple[EntityPart, ...]
    changes: tuple[QuotaChange, ...]


class AlteredQuotas(msgspec.Struct, frozen=True):
    """What became of the wish for an entity."""

    entity: tuple[EntityPart, ...]
    error: CordwoodError | None


def entity_of(parts: Sequence[EntityPart]) -> QuotaEntity:
    """The entity that these parts make."""
    return tuple(sorted(parts, key=lambda part: part.kind))


def alter(
    image: Image,
    wanted: Sequence[QuotaAlteration],
    *,
    unknown_hosts: Collection[str] = (),
    validate_only: bool = False,
) -> Result[list[AlteredQuotas]]:
    """Changes quotas; the reply is in the order of the wish, and what has an error changes nothing.

    `unknown_hosts` are the names of `ip` entities that are no addresses and stand for none. Errors of items:
    InvalidRequest, PolicyViolation.
    """
    counts = Counter(entity_of(item.entity) for item in wanted)
    room = QUOTA_ENTITIES_LIMIT - len(image.quotas)
    records: list[Record] = []
    reply = []
    for item in wanted:
        entity = entity_of(item.entity)
        try:
            if counts[entity] > 1:
                raise InvalidRequest("the request names an entity twice: gather its quotas in one entry")
            found = list(_changed(image, entity, item.changes, _keys_of(entity, unknown_hosts)))
            if found and entity not in image.quotas:
                room -= 1
                _check_room(room)
        except CordwoodError as error:
            reply.append(AlteredQuotas(item.entity, error))
        else:
            records += found
            reply.append(AlteredQuotas(item.entity, None))
    return Result(() if validate_only else tuple(records), reply)


def _check_room(room: int) -> None:
    if room < 0:
        raise PolicyViolation(f"more than {QUOTA_ENTITIES_LIMIT} entities have quotas: take some away first")


def _keys_of(entity: QuotaEntity, unknown_hosts: Collection[str]) -> Mapping[str, Kind]:
    """The quotas that an entity can have. Raises InvalidRequest when there is no such entity."""
    kinds = [part.kind for part in entity]
    for part in entity:
        if part.kind not in ENTITY_KINDS:
            raise InvalidRequest(f"Unhandled client quota entity type: {part.kind}; there are user, client-id and ip")
        if kinds.count(part.kind) > 1:
            raise InvalidRequest(f"Invalid client quota entity, duplicate entity entry {part.kind}")
        if part.name == "":
            raise InvalidRequest(f"Empty {part.kind} not supported; null stands for the default")
    if not entity:
        raise InvalidRequest("Invalid empty client quota entity")
    if kinds == [IP]:
        name = entity[0].name
        if name is not None and name in unknown_hosts:
            raise InvalidRequest(f"{name} is not a valid IP or resolvable host.")
        return IP_QUOTAS
    if IP in kinds:
        raise InvalidRequest("Invalid client quota entity: an ip stands alone, without user and client-id")
    return CLIENT_QUOTAS


def _changed(
    image: Image, entity: QuotaEntity, changes: Sequence[QuotaChange], keys: Mapping[str, Kind]
) -> Iterator[Record]:
    names = Counter(change.key for change in changes)
    current = image.quotas.get(entity, {})
    for change in changes:
        if names[change.key] > 1:
            raise InvalidRequest(f"Duplicate quota key {change.key}: nothing of this entity was changed")
        if change.value is not None:
            _check(change.key, change.value, keys)
        if change.value != current.get(change.key):
            yield QuotaRecord(entity, change.key, change.value)


def _check(key: str, value: float, keys: Mapping[str, Kind]) -> None:
    kind = keys.get(key)
    if kind is None:
        raise InvalidRequest(f"Invalid configuration key {key}; there are {', '.join(keys)} for this entity")
    if not math.isfinite(value):
        raise InvalidRequest(f"Quota {key} must be a finite number")
    if value <= 0:
        raise InvalidRequest(f"Quota {key} must be greater than 0")
    highest = _HIGHEST.get(kind)
    if highest is None:
        return
    if value > highest:
        raise InvalidRequest(f"Proposed value for {key} is too large: it is at most {highest}")
    if abs(value - round(value)) > _WHOLE_TOLERANCE:
        raise InvalidRequest(f"{key} cannot be a fractional value.")


# DescribeClientQuotas.


class Match(IntEnum):
    """How a component of a filter is meant; the numbers are those of DescribeClientQuotas."""

    EXACT = 0
    DEFAULT = 1
    SPECIFIED = 2


class Component(msgspec.Struct, frozen=True):
    """What an entity must have of one kind: this name, the default, or anything. The numbers are judged later."""

    kind: str
    match: int
    name: str | None


def describe(image: Image, components: Sequence[Component], strict: bool) -> Mapping[QuotaEntity, Mapping[str, float]]:
    """The quotas of the entities that have what every component asks for; `strict`: and no part beside that.

    Raises InvalidRequest, UnsupportedVersion.
    """
    wanted = _judged(components)
    if not wanted and strict:
        return {}
    return {entity: quotas for entity, quotas in image.quotas.items() if _fits(entity, wanted, strict)}


def _judged(components: Sequence[Component]) -> dict[str, Component]:
    wanted: dict[str, Component] = {}
    for component in components:
        kind = component.kind
        if not kind:
            raise InvalidRequest("Invalid empty entity type.")
        if kind in wanted:
            raise InvalidRequest(f"Entity type {kind} cannot appear more than once in the filter.")
        if kind not in ENTITY_KINDS:
            raise UnsupportedVersion(f"Unsupported entity type {kind}; there are user, client-id and ip")
        if component.match not in tuple(Match):
            raise InvalidRequest(f"Unknown match type {component.match}")
        if (component.match == Match.EXACT) == (component.name is None):
            raise InvalidRequest(
                f"Match type {Match(component.match).name} for {kind}: only EXACT has a name, and must"
            )
        wanted[kind] = component
    if IP in wanted and len(wanted) > 1:
        raise InvalidRequest(
            "Invalid entity filter component combination. "
            "IP filter component should not be used with user or clientId filter component."
        )
    return wanted


def _fits(entity: QuotaEntity, wanted: Mapping[str, Component], strict: bool) -> bool:
    if strict and len(entity) != len(wanted):
        return False
    names = dict(entity)
    return all(
        kind in names and (component.match == Match.SPECIFIED or names[kind] == component.name)
        for kind, component in wanted.items()
    )
