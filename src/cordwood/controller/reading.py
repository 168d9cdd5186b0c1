"""Making sure that this node's image is not stale.

Lives here: a read of the group's index, asked for until it is answered. Must not live here: the image, and what it is
read for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cordwood.model.consensus_errors import NotTaken

if TYPE_CHECKING:
    from cordwood.consensus.driver import Driver
    from cordwood.controller.patience import Patience


def _never() -> bool:
    return False


class Reading:
    """Reads of one node."""

    def __init__(self, driver: Driver, patience: Patience) -> None:
        self._driver = driver
        self._patience = patience

    async def confirm(self, is_over: Callable[[], bool] = _never) -> None:
        """Returns when the committed image has everything that anybody was told before the call, or when it is over.

        Raises GroupStopped.
        """
        attempts = 0
        while not is_over():
            try:
                await self._driver.read_index()
            except NotTaken as error:
                await self._patience.pause(attempts, error)
                attempts += 1
            else:
                return
