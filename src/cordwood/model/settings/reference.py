"""The reference page of all settings, docs/settings.md.

Lives here: its text, made of the table. Must not live here: the writing of the file; tests/model/settings shows how and
sees to it that the page is current.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from cordwood.model.settings.accepted_rows import ACCEPTED
from cordwood.model.settings.broker_rows import IDENTITY, NETWORK, TOPICS
from cordwood.model.settings.client_metrics_rows import CLIENT_METRICS_ROWS
from cordwood.model.settings.group_rows import CLASSIC, CONSUMER, COORDINATOR, OFFSETS
from cordwood.model.settings.log_rows import RETENTION, STORAGE
from cordwood.model.settings.per_group_rows import BOUNDS, PER_GROUP_ROWS
from cordwood.model.settings.quorum_rows import PEERS, QUORUM
from cordwood.model.settings.quota_rows import QUOTA_ROWS
from cordwood.model.settings.setting import Setting
from cordwood.model.settings.telemetry_rows import TELEMETRY_ROWS
from cordwood.model.settings.topic_rows import TOPIC_ROWS
from cordwood.model.settings.transaction_rows import TRANSACTION_ROWS

INTRODUCTION: Final = """\
# Settings

This page is made from the table in `src/cordwood/model/settings`; change it there. The same table judges every value,
answers DescribeConfigs, and is what `cordwood config lint` goes by.

| of | given | changed while brokers run |
|---|---|---|
| [brokers](#brokers) | in a file, the environment, by flags | for all brokers or one: `kafka-configs --entity-type brokers` |
| [topics](#topics) | when the topic is created | `kafka-configs --entity-type topics`, `cordwood topic config` |
| [groups](#groups) | by a change | `kafka-configs --entity-type groups` |
| [subscriptions to client metrics](#subscriptions-to-client-metrics) | by a change | `kafka-configs --entity-type client-metrics` |

A broker's setting is given, strongest first, by a flag (`--set log.segment.bytes=1048576`), by the environment
(`CORDWOOD_LOG_SEGMENT_BYTES` or `KAFKA_LOG_SEGMENT_BYTES`: `_` stands for a dot, `__` for `_`, `___` for `-`) or by a
file (`--config`): TOML (`log.segment.bytes = 1048576`, or `segment.bytes` under `[log]`; a name that begins with another
name must stand between quotation marks, as in `"max.connections.per.ip" = 10`), or properties as Kafka's
`server.properties`. Topics and groups have the value of the *broker's setting* beside theirs until they are given one of
their own; where several are named, the first that is given counts.

*Live* tells whether a setting may be changed while brokers run: `yes`, for all brokers or for one; `no`, it takes a start.
What a topic, a group or a subscription has may always be changed. Names, defaults and ranges are Kafka 4.3's unless the
text says otherwise, and a setting of Cordwood's own says so.

The tables name settings that do something first. Those that Kafka has, and that Cordwood accepts without acting on them,
come after them, each with the reason; a broker that is started with one of those says so. A setting that is in no table is
refused.
"""

ACCEPTED_NOTE: Final = """\
Settings of Apache Kafka 4.3, and a few that it dropped, which are checked and kept so that existing configurations go on to
work. Nothing comes of them, for the reason that stands above each table.
"""


def reference() -> str:
    """The page, in Markdown."""
    return "\n".join((INTRODUCTION, *_broker_sections(), *_other_sections(), *_accepted_sections()))


def _broker_sections() -> Iterable[str]:
    yield "## Brokers\n"
    for title, rows in (
        ("Identity", IDENTITY),
        ("Network", NETWORK),
        ("Topics and writing", TOPICS),
        ("Logs on disk", STORAGE),
        ("Retention and compaction", RETENTION),
        ("Groups of the classic protocol", CLASSIC),
        ("Groups of the consumer protocol", CONSUMER),
        ("Committed offsets", OFFSETS),
        ("Transactions", TRANSACTION_ROWS),
        ("Quotas", QUOTA_ROWS),
        ("Metrics of clients", TELEMETRY_ROWS),
        ("Quorum of the metadata", QUORUM),
        ("What brokers say to each other", PEERS),
    ):
        yield f"### {title}\n"
        heads = ("Name", "Type", "Default", "Live", "What it does")
        yield _table(heads, ([*_beginning(row), _live(row), row.document] for row in rows if row.acted_on))


def _other_sections() -> Iterable[str]:
    heads = ("Name", "Type", "Default", "Broker's setting", "What it does")
    yield "## Topics\n"
    yield _table(heads, ([*_beginning(row), _sources(row), row.document] for row in TOPIC_ROWS if row.acted_on))
    yield "## Groups\n"
    yield _table(
        ("Name", "Type", "Default", "Broker's setting", "Bounds", "What it does"),
        ([*_beginning(row), _sources(row), _bounds(row), row.document] for row in PER_GROUP_ROWS if row.acted_on),
    )
    yield "## Subscriptions to client metrics\n"
    yield _table(heads[:3] + heads[4:], ([*_beginning(row), row.document] for row in CLIENT_METRICS_ROWS))


def _accepted_sections() -> Iterable[str]:
    yield "## Accepted without effect\n"
    yield ACCEPTED_NOTE
    for family in ACCEPTED:
        yield f"### {family.title}\n"
        yield f"{_sentence(family.reason)}\n"
        short = (
            [*_beginning(row), _live(row), _sentence(row.reason.partition(" In Kafka: ")[2])] for row in family.rows
        )
        yield _table(("Name", "Type", "Kafka's default", "Live", "What it is in Kafka"), short)
    rows = (*CLASSIC, *CONSUMER, *COORDINATOR, *OFFSETS, *TRANSACTION_ROWS, *TOPICS, *STORAGE, *RETENTION)
    yield "### Others of brokers\n"
    heads = ("Name", "Type", "Kafka's default", "Why it has no effect")
    yield _table(heads, ([*_beginning(row), _sentence(row.reason)] for row in rows if not row.acted_on))
    yield "### Of topics\n"
    yield _table(heads, ([*_beginning(row), _sentence(row.reason)] for row in TOPIC_ROWS if not row.acted_on))
    yield "### Of groups\n"
    yield _table(
        (*heads[:3], "Broker's setting", heads[3]),
        ([*_beginning(row), _sources(row), _sentence(row.reason)] for row in PER_GROUP_ROWS if not row.acted_on),
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)


def _beginning(row: Setting) -> list[str]:
    names = ", also ".join(f"`{name}`" for name in (row.name, *row.aliases))
    return [names, _kind(row), _default(row)]


def _kind(row: Setting) -> str:
    """As "int, at least 1"; the words of a choice stand for themselves."""
    if row.choices:
        words = ", ".join(f"`{choice}`" for choice in row.choices)
        return f"list of {words}" if row.kind.name == "LIST" else f"one of {words}"
    name = row.kind.name.lower()
    return f"{name}: {row.form}" if row.form else f"{name}{row.range()}"


def _default(row: Setting) -> str:
    text = row.render(row.default)
    return f"`{text}`" if text else "none"


def _live(row: Setting) -> str:
    if not row.dynamic:
        return "no"
    return "one listener" if row.per_listener else "one broker" if row.per_broker else "yes"


def _sources(row: Setting) -> str:
    return ", ".join(f"`{source.name}`" for source in row.sources) or "none"


def _bounds(row: Setting) -> str:
    low, high = BOUNDS[row.name]
    return f"from `{low}` to `{high}`"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].removesuffix('.')}."
