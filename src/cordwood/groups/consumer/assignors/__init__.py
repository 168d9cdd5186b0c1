"""Server-side assignors: who is to have which partition, as pure functions of the members and the topics.

Lives here: the table of them by the name that members vote for. Must not live here: what is done with a target.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cordwood.groups.consumer.assignors import range as range_assignor
from cordwood.groups.consumer.assignors import uniform
from cordwood.groups.consumer.assignors.contract import Assignor

ASSIGNORS: Final[Mapping[str, Assignor]] = {"uniform": uniform.assign, "range": range_assignor.assign}
