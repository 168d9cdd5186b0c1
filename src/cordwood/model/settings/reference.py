"""The reference page of all settings, docs/settings.md.

Lives here: its text, made of the table. Must not live here: the writing of the file; tests/model/settings shows how and
sees to it that the page is current.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from cordwood.model.settings.accepted_rows import ACCEPTED_ROWS
from cordwood.model.settings.broker_rows import IDENTITY, NETWORK, TOPICS
from cordwood.model.settings.group_rows import CLASSIC, CONSUMER, COORDINATOR, OFFSETS
from cordwood.model.settings.log_rows import RETENTION, STORAGE
from cordwood.model.settings.quorum_rows import PEERS, QUORUM
from cordwood.model.settings.quota_rows import QUOTA_ROWS
from cordwood.model.settings.setting import Setting
from cordwood.model.settings.telemetry_rows import TELEMETRY_ROWS
from cordwood.model.settings.topic_rows import TOPIC_ROWS
from cordwood.model.settings.transaction_rows import TRANSACTION_ROWS

INTRODUCTION: Final = """\
# Settings

This page is made from the table in `src/cordwood/model/settings`; change it there.

A broker's setting is given, strongest first, by a flag (`--set log.segment.bytes=1048576`), by the environment
(`CORDWOOD_LOG_SEGMENT_BYTES` or `KAFKA_LOG_SEGMENT_BYTES`: `_` stands for a dot, `__` for `_`, `___` for `-`) or by a
TOML file (`--config`; `log.segment.bytes = 1048576`, or `segment.bytes` under `[log]`; a name that begins with another
name must stand between quotation marks, as in `"max.connections.per.ip" = 10`). A topic's setting is given when the topic
is created or altered, and otherwise has the value of the broker's setting beside it.

*Effect* tells what a setting does today: `yes` it works; `yes, live` it works and may be changed while brokers run
(for a topic every setting may); `not yet` it is checked and kept, and has no effect.
"""

ACCEPTED_NOTE: Final = """\
Settings of Apache Kafka 4.3 (and a few it dropped) that are accepted so that existing configurations work. They have no
effect, and the broker says so when it starts with one of them.
"""


def reference() -> str:
    """The page, in Markdown."""
    sections = (
        INTRODUCTION,
        "## Topics\n",
        _topic_table(TOPIC_ROWS),
        "## Brokers: identity\n",
        _broker_table(IDENTITY),
        "## Brokers: network\n",
        _broker_table(NETWORK),
        "## Brokers: quorum of the metadata\n",
        _broker_table(QUORUM),
        "## Brokers: what they say to each other\n",
        _broker_table(PEERS),
        "## Brokers: topics and writing\n",
        _broker_table(TOPICS),
        "## Brokers: logs on disk\n",
        _broker_table(STORAGE),
        "## Brokers: retention and compaction\n",
        _broker_table(RETENTION),
        "## Brokers: groups of the classic protocol\n",
        _broker_table(CLASSIC),
        "## Brokers: groups of the consumer protocol\n",
        _broker_table(CONSUMER),
        "## Brokers: group coordinator\n",
        _broker_table(COORDINATOR),
        "## Brokers: committed offsets\n",
        _broker_table(OFFSETS),
        "## Brokers: transactions\n",
        _broker_table(TRANSACTION_ROWS),
        "## Brokers: quotas\n",
        _broker_table(QUOTA_ROWS),
        "## Brokers: metrics of clients\n",
        _broker_table(TELEMETRY_ROWS),
        "## Brokers: accepted without effect\n",
        ACCEPTED_NOTE,
        _table(
            ("Name", "Kind", "Kafka's default"), ([f"`{row.name}`", _kind(row), _default(row)] for row in ACCEPTED_ROWS)
        ),
    )
    return "\n".join(sections)


def _topic_table(rows: Iterable[Setting]) -> str:
    heads = ("Name", "Kind", "Default", "Broker's setting", "Effect", "What it does")
    return _table(heads, ([*_beginning(row), _sources(row), _effect(row, live=False), row.document] for row in rows))


def _broker_table(rows: Iterable[Setting]) -> str:
    heads = ("Name", "Kind", "Default", "Effect", "What it does")
    return _table(heads, ([*_beginning(row), _effect(row, live=row.dynamic), row.document] for row in rows))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)


def _beginning(row: Setting) -> list[str]:
    names = ", also ".join(f"`{name}`" for name in (row.name, *row.aliases))
    return [names, _kind(row), _default(row)]


def _kind(row: Setting) -> str:
    bounded = row.low is not None or row.high is not None or row.choices
    return f"{row.kind.name}: {row.wanted()}" if bounded else row.kind.name


def _default(row: Setting) -> str:
    text = row.render(row.default)
    return f"`{text}`" if text else "none"


def _sources(row: Setting) -> str:
    return ", ".join(f"`{source.name}`" for source in row.sources) or "none"


def _effect(row: Setting, *, live: bool) -> str:
    if not row.acted_on:
        return "not yet"
    return "yes, live" if live else "yes"
