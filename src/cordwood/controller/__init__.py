"""The shell around metadata: decisions are written to a log, synced, replayed and shown to everyone.

Lives here: the journal of records and the turn-taking of proposals. Must not live here: decisions and their effects
(`metadata`). Later the same records go through Raft; what is above and below stays as it is.
"""

from __future__ import annotations

from cordwood.controller.controller import Controller, Transition

__all__ = ["Controller", "Transition"]
