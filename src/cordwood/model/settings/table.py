"""The one table of settings: the rows of each scope by name.

Lives here: the tables, and what is wrong with single values of one. Must not live here: where values come from
(`resolution`, `node.configuration`), and whether they go together (`checks`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from cordwood.model.errors import InvalidConfig
from cordwood.model.settings.accepted_rows import ACCEPTED_ROWS
from cordwood.model.settings.broker_rows import BROKER_ROWS
from cordwood.model.settings.client_metrics_rows import CLIENT_METRICS_ROWS
from cordwood.model.settings.group_rows import GROUP_ROWS
from cordwood.model.settings.log_rows import LOG_ROWS
from cordwood.model.settings.per_group_rows import BOUNDS, PER_GROUP_ROWS
from cordwood.model.settings.quorum_rows import QUORUM_ROWS
from cordwood.model.settings.quota_rows import QUOTA_ROWS
from cordwood.model.settings.setting import Setting
from cordwood.model.settings.telemetry_rows import TELEMETRY_ROWS
from cordwood.model.settings.topic_rows import TOPIC_ROWS
from cordwood.model.settings.transaction_rows import TRANSACTION_ROWS


def _table(rows: Iterable[Setting]) -> Mapping[str, Setting]:
    table: dict[str, Setting] = {}
    for row in rows:
        assert row.name not in table, row.name
        table[row.name] = row
    return MappingProxyType(table)


BROKER: Final = _table(
    (
        *BROKER_ROWS,
        *GROUP_ROWS,
        *TRANSACTION_ROWS,
        *LOG_ROWS,
        *QUORUM_ROWS,
        *QUOTA_ROWS,
        *TELEMETRY_ROWS,
        *ACCEPTED_ROWS,
    )
)
"""The settings of a broker, by name."""

TOPIC: Final = _table(TOPIC_ROWS)
"""The settings of a topic, by name."""

GROUP: Final = _table(PER_GROUP_ROWS)
"""The settings of a group, by name."""

CLIENT_METRICS: Final = _table(CLIENT_METRICS_ROWS)
"""The settings of a subscription to the metrics of clients, by name."""

BROKER_ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {alias: row.name for row in BROKER.values() for alias in row.aliases}
)
"""The setting that another name stands for in a configuration."""

assert not BROKER_ALIASES.keys() & BROKER.keys()
assert all(source.name in BROKER for row in (*TOPIC_ROWS, *PER_GROUP_ROWS) for source in row.sources)
assert all(name in BROKER for bounds in BOUNDS.values() for name in bounds if name is not None)


def mistakes(table: Mapping[str, Setting], values: Mapping[str, str]) -> list[str]:
    """What is wrong with each of these values, in their order; an empty list when nothing is."""
    found = []
    for name, text in values.items():
        setting = table.get(name)
        if setting is None:
            found.append(f"{name}: there is no such setting{suggestion(name, table)}")
            continue
        try:
            setting.parse(text)
        except InvalidConfig as error:
            found.append(str(error))
    return found


def hint(name: str, table: Mapping[str, Setting]) -> str:
    """What to tell whoever asks for a setting that is not in a table; empty when nothing comes to mind."""
    best = min(table, key=lambda known: _edits(name, known, 3))
    if _edits(name, best, 3) < 3:
        return f"did you mean {best}?"
    if table is BROKER and name in TOPIC and TOPIC[name].sources:
        return f"topics have it; brokers call it {TOPIC[name].sources[0].name}"
    if table is BROKER and name in GROUP and GROUP[name].sources:
        return f"groups have it; brokers call it {GROUP[name].sources[0].name}"
    if table is not BROKER and name in BROKER:
        return "it is a broker's"
    return ""


def suggestion(name: str, table: Mapping[str, Setting]) -> str:
    """The same between brackets."""
    words = hint(name, table)
    return f" ({words})" if words else ""


def _edits(left: str, right: str, limit: int) -> int:
    """How many letters must be put in, left out or changed to make `right` of `left`; `limit` when it is that or more."""
    if abs(len(left) - len(right)) >= limit:
        return limit
    row = list(range(len(right) + 1))
    for count, letter in enumerate(left, 1):
        above, row[0] = row[0], count
        for column, other in enumerate(right, 1):
            above, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, above + (letter != other))
        if min(row) >= limit:
            return limit
    return min(row[-1], limit)
