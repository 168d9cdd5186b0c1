"""Groups of one client by the classic protocol: members agree among themselves who has what.

Their members join, leave, are killed and paused while they consume.

Every record is delivered at least once, none is skipped, what is committed never passes what was delivered, and while
nobody comes or goes each record is delivered exactly once.

CLIENTS_SIZES=all makes groups of every size there is, in place of the largest. CLIENTS_SEED chooses who and when.
"""

from __future__ import annotations

import pytest

from tests.clients.conftest import need
from tests.clients.harness.kinds import CLASSIC, of_each_kind, of_each_size
from tests.clients.harness.life import PARTITIONS, SEED, live, quiet

pytestmark = pytest.mark.timeout(300)


@of_each_size(CLASSIC)
def test_whatever_happens_to_its_members(crew, kind, size):
    need(kind.client)
    live(crew(PARTITIONS, SEED), [kind], size)


@of_each_kind(kind for kind in CLASSIC if kind.assignor is None)
def test_a_pattern_finds_its_topics(crew, kind, topic):
    need(kind.client)
    group = crew(PARTITIONS, SEED)
    group.create_topic(f"not.{topic}")
    group.start(kind, pattern=f"^[a-z]+{topic.removeprefix('topic')}$")
    quiet(group)
