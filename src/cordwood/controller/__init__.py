"""The shell around metadata: decisions go through a Raft group, are replayed on every node, and shown to everyone.

`Controller` (controller.py) is the face. Lives here: the way of a decision, the committed and the shown image, founding
and opening. Must not live here: decisions and their effects (`metadata`), elections and replication (`consensus`). A node
that stands alone is a group of one, on the same way.
"""

from __future__ import annotations

from cordwood.controller.controller import NO_PEERS, TIMEOUT_S, Controller
from cordwood.controller.showing import Transition

__all__ = ["NO_PEERS", "TIMEOUT_S", "Controller", "Transition"]
