"""What a broker promises its clients, one file for each promise.

A promise compares what clients were told (`notes`) with what is read back in the end, and yields a sentence for each time
that it was broken; none means that it was kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cordwood.sim.promises.acknowledged import lost
from cordwood.sim.promises.atomic import torn
from cordwood.sim.promises.kept import gone_back
from cordwood.sim.promises.notes import Notes, Place, Stored
from cordwood.sim.promises.once import repeated
from cordwood.sim.promises.read import changed
from cordwood.sim.promises.sent import invented


def broken(
    notes: Notes, stored: Mapping[Place, Sequence[Stored]], visible: Mapping[Place, Sequence[bytes]]
) -> list[str]:
    """Every promise that was broken, with its place.

    `stored` is all that there is in the end of what idempotent producers wrote; `visible` are the records that committed
    readers see in the end of what transactional ones wrote.
    """
    found = [*notes.refused, *gone_back(notes.kept), *torn(notes, visible)]
    for place, batches in stored.items():
        where = "{}, {}-{}: ".format(*place)
        sentences = [
            *lost(notes.acknowledged.get(place, ()), batches),
            *repeated(batches),
            *invented(notes.sent.get(place, ()), batches),
            *changed(notes.read.get(place, ()), batches),
        ]
        found += [where + sentence for sentence in sentences]
    missing = notes.acknowledged.keys() - stored.keys()
    return [*found, *(f"{place} was not read back" for place in sorted(missing))]
