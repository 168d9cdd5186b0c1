"""What something that judges has to say, for tests of both of its answers.

`assert verdict(check, value) is None` says that the check is content, where a bare call would only not say that it is not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cordwood.model.errors import CordwoodError
from cordwood.sim.quorum.invariant import Broken


def verdict(judge: Callable[..., Any], *values: Any, **options: Any) -> str | None:
    """What a judge complains of, in the words of its error; None when it is content."""
    try:
        judge(*values, **options)
    except (Broken, CordwoodError) as complaint:
        return str(complaint)
    return None
