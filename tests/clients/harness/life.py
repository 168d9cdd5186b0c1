"""What groups live through in the tests: members that join, leave, are killed and paused while records flow.

Lives here: scenarios that several test files put different members through. Must not live here: which members.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence

from tests.clients.harness.crew import Crew, Kind

SEED = int(os.environ.get("CLIENTS_SEED", "1"))
# A group of any size has more partitions than members.
PARTITIONS = 10
PORTION = 300
QUIET = 200


def quiet(crew: Crew) -> None:
    """While nobody comes or goes, every record is given to exactly one member, once."""
    crew.wait_settled()
    # Whoever took a partition over reads again what was given to another and not committed; it comes to this record after that.
    crew.flood.grant(PARTITIONS)
    crew.wait_delivered()
    before = crew.logbook.delivered()
    crew.flood.grant(QUIET)
    crew.wait_delivered()
    after = crew.logbook.delivered()
    new = {place: offsets - before.get(place, offsets.__class__()) for place, offsets in after.items()}
    assert sum(offsets.total() for offsets in new.values()) == QUIET, f"{new}\n{crew.logbook.story()}"
    assert crew.check_stored() == crew.ends()


def busy(crew: Crew, dice: random.Random) -> None:
    """Records flow, and of a portion some are delivered and some are not: the owner of half may just have been killed."""
    crew.flow(PORTION, dice.randrange(1, PORTION // 3))


def live(crew: Crew, kinds: Sequence[Kind], size: int) -> None:
    """A group of one grows to `size` members of these kinds, in turn; all happens to it that can."""
    dice = random.Random(f"{SEED} {crew.group} {size}")
    print(f"{crew.group}: seed {SEED}, size {size}")
    cast = [kinds[n % len(kinds)] for n in range(size)]
    crew.start(cast[0])
    crew.flood.grant(PORTION)
    quiet(crew)

    busy(crew, dice)
    for kind in cast[1:]:
        crew.start(kind)
    quiet(crew)

    busy(crew, dice)
    killed = dice.choice(crew.live)
    crew.kill(killed)
    paused = dice.choice(crew.live) if len(crew.live) > 1 else None
    if paused is not None:
        busy(crew, dice)
        crew.pause(paused)
    if not crew.live:
        crew.start(killed.kind)
    crew.wait_settled()

    busy(crew, dice)
    crew.start(killed.kind)
    if paused is not None:
        crew.resume(paused)
        crew.wait_settled()
    busy(crew, dice)
    crew.leave(dice.choice(crew.live))
    quiet(crew)

    busy(crew, dice)
    crew.leave(*crew.live)
    crew.check_stored()
    crew.start(dice.choice(cast))
    quiet(crew)


def replace(crew: Crew, kind: Kind) -> None:
    """Every member leaves, and one of this kind comes in its place, one after the other, while records flow."""
    for member in tuple(crew.live):
        crew.flood.grant(PORTION)
        crew.start(kind)
        crew.wait_settled()
        crew.leave(member)
        crew.wait_settled()
