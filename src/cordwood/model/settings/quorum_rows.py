"""The rows of settings of the quorum that keeps the metadata.

Lives here: names, kinds, defaults, ranges and words, by Kafka's names. Must not live here: what a value does.
"""

from __future__ import annotations

from typing import Final

from cordwood.model.settings.setting import Kind, Setting

QUORUM: Final = (
    Setting(
        "controller.quorum.voters",
        Kind.LIST,
        (),
        "The first members of a cluster, as NODE@HOST:PORT: the number of each broker and an address that all others "
        "reach it by. `cordwood cluster bootstrap` founds the cluster with them; from then on the cluster itself knows "
        "its members, and they are changed by `cordwood cluster add` and `remove`.",
        acted_on=True,
    ),
)

QUORUM_ROWS: Final = QUORUM
"""All of them."""
