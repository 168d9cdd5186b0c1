"""Asking the coordinator of a group on behalf of a request.

Lives here: the way to it. Must not live here: what is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from cordwood.broker.context import Context
from cordwood.broker.later import Later, T, then
from cordwood.model.errors import CordwoodError


class Command(Protocol):
    """What a group is asked."""

    @property
    def group(self) -> str:
        """The name of the group."""
        ...


def ask(context: Context, command: Command, respond: Callable[[Any], T]) -> Later[T]:
    """The response that `respond` makes of the coordinator's reply, which may be a CordwoodError."""
    try:
        reply = context.groups.run(command.group, command)
    except CordwoodError as error:
        return respond(error)
    return then(context, reply, respond)
