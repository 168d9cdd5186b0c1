"""The rows of settings of quotas: how use is measured, and who may connect how often.

Lives here: names, kinds, defaults, ranges and words, by Kafka's names. Must not live here: the quotas themselves, which
are metadata (`metadata.quotas`), and what a value does.
"""

from __future__ import annotations

from typing import Final

from cordwood.model.settings.setting import INT_MAX, Kind, Setting

QUOTA_ROWS: Final = (
    Setting(
        "quota.window.num",
        Kind.INT,
        11,
        "Over how many windows the use of clients is measured, of which the newest is the one now: they are held to their "
        "quotas over all the others together, ten seconds by default.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "quota.window.size.seconds",
        Kind.INT,
        1,
        "The length of each of these windows. Who used nothing for a while may use the quota of one window at once.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "controller.quota.window.num",
        Kind.INT,
        11,
        "For so many windows' worth of partitions a client may be ahead of controller_mutation_rate before it has to wait.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "controller.quota.window.size.seconds",
        Kind.INT,
        1,
        "The length of each of these windows.",
        low=1,
        acted_on=True,
    ),
    Setting(
        "max.connection.creation.rate",
        Kind.INT,
        INT_MAX,
        "The most connections that are let in within a second, on all listeners together; the others wait in line. "
        "Quotas of addresses (connection_creation_rate) come first. Kafka's default is no limit, and so is this.",
        low=1,
        dynamic=True,
        acted_on=True,
    ),
    Setting(
        "max.connections.per.ip.overrides",
        Kind.STRING,
        "",
        "Other values of max.connections.per.ip for some addresses, as ADDRESS:NUMBER with commas between them. "
        "Kafka takes names of hosts too, and changes while it runs.",
        acted_on=True,
    ),
)
"""The settings of quotas."""
