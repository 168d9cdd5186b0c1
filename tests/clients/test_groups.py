"""Groups whose members are all of one client: they join, leave, are killed and paused while they consume.

Every record is delivered at least once, none is skipped, what is committed never passes what was delivered, and while
nobody comes or goes each record is delivered exactly once.

CLIENTS_SIZES=all makes groups of every size there is, in place of the largest. CLIENTS_SEED chooses who and when.
"""

from __future__ import annotations

import os

import pytest

from tests.clients.conftest import need
from tests.clients.harness.kinds import CLASSIC, CONSUMER, most_members
from tests.clients.harness.life import PARTITIONS, SEED, live

pytestmark = pytest.mark.timeout(300)

EVERY_SIZE = os.environ.get("CLIENTS_SIZES") == "all"


def sizes(kind):
    return range(1, most_members(kind) + 1) if EVERY_SIZE else [most_members(kind)]


@pytest.mark.parametrize(
    ("kind", "size"),
    [pytest.param(kind, size, id=f"{kind.name}-{size}") for kind in CLASSIC + CONSUMER for size in sizes(kind)],
)
def test_whatever_happens_to_its_members(crew, kind, size):
    need(kind.client)
    live(crew(PARTITIONS, SEED), [kind], size)
