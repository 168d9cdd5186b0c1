"""What a topic may be called.

Lives here: the rules for names, which are Kafka's. Must not live here: whether a topic exists.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cordwood.metadata.image import INTERNAL_TOPICS
from cordwood.model.errors import InvalidTopicName
from cordwood.model.limits import TOPIC_NAME_LENGTH_LIMIT

LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


def check_name(name: str) -> None:
    """Raises InvalidTopicName unless a topic may be called so."""
    if not name:
        raise InvalidTopicName(name, "it is empty")
    if name in {".", ".."}:
        raise InvalidTopicName(name, "it stands for a directory")
    if len(name) > TOPIC_NAME_LENGTH_LIMIT:
        raise InvalidTopicName(name, f"it is longer than {TOPIC_NAME_LENGTH_LIMIT} characters")
    if not LETTERS.issuperset(name):
        raise InvalidTopicName(name, "it has other characters than ASCII letters, digits, '.', '_' and '-'")


def check_open(name: str) -> None:
    """Raises InvalidTopicName for a topic whose records are the cluster's own: clients read it at most."""
    if name in INTERNAL_TOPICS:
        raise InvalidTopicName(name, "only the cluster itself writes to it, and removes from it")


def collision(name: str, existing: Iterable[str]) -> str | None:
    """The other name that metrics could not tell from this one, since they show '.' as '_'; None when there is none."""
    if "." not in name and "_" not in name:
        return None
    shown = name.replace(".", "_")
    for other in existing:
        if len(other) == len(name) and other != name and other.replace(".", "_") == shown:
            return other
    return None
