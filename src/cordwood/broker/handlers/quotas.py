"""How much clients may use: DescribeClientQuotas (48), AlterClientQuotas (49) (KIP-546).

Serves 0 to 1 of both. Quotas are metadata of the cluster; each broker holds its own clients to them.
"""

from __future__ import annotations

from cordwood.broker.context import Call, Context
from cordwood.broker.quotas.hosts import resolve
from cordwood.metadata import EntityPart, QuotaEntity, quotas
from cordwood.metadata.quotas import IP, AlteredQuotas, Component, QuotaAlteration, QuotaChange
from cordwood.model.errors import CordwoodError
from cordwood.wire.errors import code_of
from cordwood.wire.messages.alter_client_quotas import (
    AlterClientQuotasRequest,
    AlterClientQuotasResponse,
    EntryData,
    EntryDataResponse,
)
from cordwood.wire.messages.alter_client_quotas import EntityData as AlteredEntityData
from cordwood.wire.messages.describe_client_quotas import (
    DescribeClientQuotasRequest,
    DescribeClientQuotasResponse,
    EntityData,
    ValueData,
)
from cordwood.wire.messages.describe_client_quotas import EntryData as DescribedEntryData

# DescribeClientQuotas.


def handle_describe_client_quotas(
    context: Context, call: Call, request: DescribeClientQuotasRequest
) -> DescribeClientQuotasResponse:
    """The quotas of the entities that the filter wants."""
    components = [Component(wanted.entity_type, wanted.match_type, wanted.match) for wanted in request.components]
    try:
        found = quotas.describe(context.image, components, request.strict)
    except CordwoodError as error:
        return DescribeClientQuotasResponse(error_code=code_of(error), error_message=str(error))
    return DescribeClientQuotasResponse(
        entries=[
            DescribedEntryData(
                entity=_described(entity), values=[ValueData(key=key, value=value) for key, value in values.items()]
            )
            for entity, values in found.items()
        ]
    )


def _described(entity: QuotaEntity) -> list[EntityData]:
    return [EntityData(entity_type=part.kind, entity_name=part.name) for part in entity]


# AlterClientQuotas.


async def handle_alter_client_quotas(
    context: Context, call: Call, request: AlterClientQuotasRequest
) -> AlterClientQuotasResponse:
    """Sets quotas and takes them away; each entry has its own error, and then nothing of it is changed."""
    wanted = [_wanted(entry) for entry in request.entries]
    unknown_hosts = await _unknown_hosts(wanted)
    try:
        altered = await context.controller.propose(
            lambda image: quotas.alter(image, wanted, unknown_hosts=unknown_hosts, validate_only=request.validate_only)
        )
    except CordwoodError as error:
        altered = [AlteredQuotas(item.entity, error) for item in wanted]
    return AlterClientQuotasResponse(entries=[_altered(item) for item in altered])


def _wanted(entry: EntryData) -> QuotaAlteration:
    return QuotaAlteration(
        entity=tuple(EntityPart(part.entity_type, part.entity_name) for part in entry.entity),
        changes=tuple(QuotaChange(op.key, None if op.remove else op.value) for op in entry.ops),
    )


async def _unknown_hosts(wanted: list[QuotaAlteration]) -> set[str]:
    """Names in `ip` entities that stand for no address. They are looked up one after another: there are few."""
    names = {part.name for item in wanted for part in item.entity if part.kind == IP and part.name}
    return {name for name in sorted(names) if not await resolve(name)}


def _altered(item: AlteredQuotas) -> EntryDataResponse:
    error = item.error
    return EntryDataResponse(
        error_code=0 if error is None else code_of(error),
        error_message=None if error is None else str(error),
        entity=[AlteredEntityData(entity_type=part.kind, entity_name=part.name) for part in item.entity],
    )
