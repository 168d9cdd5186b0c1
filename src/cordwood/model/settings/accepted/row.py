"""How a setting is written down that Cordwood accepts and does not act on.

Lives here: a row of them, and a family of rows with the one reason why they have no effect. Must not live here: rows.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from cordwood.model.settings.setting import NO_EFFECT, Kind, Setting, Value


class Family(NamedTuple):
    """Rows that have no effect for one reason."""

    title: str
    reason: str
    rows: tuple[Setting, ...]


def family(title: str, reason: str, *rows: Setting) -> Family:
    """The rows, with documents that tell the reason."""
    documented = (replace(one, document=f"{NO_EFFECT}{reason}. In Kafka: {one.document}.") for one in rows)
    return Family(title, reason, tuple(documented))


def row(
    name: str,
    kind: Kind,
    default: Value,
    what: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    dynamic: bool = False,
    per_broker: bool = False,
    per_listener: bool = False,
) -> Setting:
    """A setting as Apache Kafka 4.3 has it; `what` it is there. What brokers or listeners have singly is dynamic."""
    return Setting(
        name,
        kind,
        default,
        what,
        low=low,
        high=high,
        choices=choices,
        dynamic=dynamic or per_broker or per_listener,
        per_broker=per_broker,
        per_listener=per_listener,
    )
