"""The settings of a subscription to the metrics of clients (KIP-714), as Apache Kafka 4.3 has them.

Lives here: rows, and what a match may look at. Must not live here: logic, and what is done with a subscription.
"""

from __future__ import annotations

from typing import Final

from cordwood.model.settings.setting import Kind, Setting

MATCHES: Final = (
    "client_instance_id",
    "client_id",
    "client_software_name",
    "client_software_version",
    "client_source_address",
    "client_source_port",
)
"""What is known of a client, and may be matched with a regular expression."""

CLIENT_METRICS_ROWS: Final = (
    Setting(
        "metrics",
        Kind.LIST,
        (),
        "The metrics that clients are to send: those whose names begin with one of these words. * means all, nothing "
        "means none.",
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "interval.ms",
        Kind.INT,
        300_000,
        "How often they are to send them: as in Kafka, every hour at least.",
        low=100,
        high=3_600_000,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "match",
        Kind.LIST,
        (),
        "Which clients are asked: those of whom each of these holds, as NAME=REGULAR EXPRESSION. The names are "
        f"{', '.join(MATCHES)}. Nothing means all.",
        pattern=rf"\s*({'|'.join(MATCHES)})\s*=.*",
        form=f"NAME=REGULAR EXPRESSION, where NAME is one of {', '.join(MATCHES)}",
        dynamic=True,
        acted_on=True,
    ),
)
