"""Which quota holds for a client, in Kafka's order: the more is said of it, the better.

    1 this user, this client-id        5 any user, any client-id
    2 this user, any client-id         6 any user
    3 this user                        7 this client-id
    4 any user, this client-id         8 any client-id            any: the default, an entity without a name

Lives here: that order, and who shares a quota with whom. Must not live here: measuring.

The first one that was set holds, and the others do not. Those whom it names alike share it: all clients of a user under 3
and 6, all users of a client-id under 7 and 8. A client without an id is none of a client-id's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple, TypeAlias

from cordwood.metadata import QuotaEntity
from cordwood.metadata.quotas import CLIENT_ID, USER

_THIS: Final = "this"
_ANY: Final = "any"
_NOBODY: Final = "nobody in particular"

_Said: TypeAlias = tuple[str, str]
"""What an entity says of a user, and of a client-id."""

_ORDER: Final[tuple[_Said, ...]] = (
    (_THIS, _THIS),
    (_THIS, _ANY),
    (_THIS, _NOBODY),
    (_ANY, _THIS),
    (_ANY, _ANY),
    (_ANY, _NOBODY),
    (_NOBODY, _THIS),
    (_NOBODY, _ANY),
)


class Holder(NamedTuple):
    """Those who share a quota: of a user, a client-id, or both; an empty name is of everybody."""

    user: str
    client_id: str


class Limit(NamedTuple):
    """How much a second, and who shares it."""

    rate: float
    holder: Holder


class Limits:
    """The quotas of one key, by what they are for."""

    __slots__ = ("_order", "_rates")

    def __init__(self, quotas: Mapping[QuotaEntity, Mapping[str, float]], key: str) -> None:
        self._rates: dict[_Said, dict[Holder, float]] = {}
        for entity, values in quotas.items():
            if key in values:
                names = dict(entity)
                said = (_said(names, USER), _said(names, CLIENT_ID))
                holder = Holder(names.get(USER) or "", names.get(CLIENT_ID) or "")
                self._rates.setdefault(said, {})[holder] = values[key]
        self._order = [said for said in _ORDER if said in self._rates]

    def __bool__(self) -> bool:
        return bool(self._order)

    def of(self, user: str, client_id: str) -> Limit | None:
        """The quota that holds for a client; None where there is none."""
        for said in self._order:
            of_user, of_client = said
            if of_client is not _NOBODY and not client_id:
                continue
            rates = self._rates[said]
            named = Holder(user if of_user is _THIS else "", client_id if of_client is _THIS else "")
            if named in rates:
                holder = Holder("" if of_user is _NOBODY else user, "" if of_client is _NOBODY else client_id)
                return Limit(rates[named], holder)
        return None


def _said(names: Mapping[str, str | None], kind: str) -> str:
    if kind not in names:
        return _NOBODY
    return _ANY if names[kind] is None else _THIS
