"""The first members of a cluster, as the configuration names them.

Lives here: the reading and the judgement of controller.quorum.voters. Must not live here: members that came later, whom
the cluster itself knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from cordwood.model.settings.setting import INT_MAX
from cordwood.node.addresses import EVERY_INTERFACE, HostPort, parse_host_port

WANTED: Final = "wants NODE@HOST:PORT, as in 1@first.example:9092"


class Voter(msgspec.Struct, frozen=True):
    """A member: the number of a broker, and where the other members reach it."""

    id: int
    place: HostPort

    def __str__(self) -> str:
        return f"{self.id}@{self.place}"


def parse_voter(text: str) -> Voter:
    """Reads NODE@HOST:PORT. Raises ValueError with words that say what is wrong."""
    number, at, address = text.strip().partition("@")
    if not at or not (number.isascii() and number.isdigit()) or int(number) > INT_MAX:
        raise ValueError(f"{text!r} {WANTED}")
    place = parse_host_port(address)
    if place.host in EVERY_INTERFACE:
        raise ValueError(f"{text!r} stands for every interface; name a host that the other members can reach")
    if place.port == 0:
        raise ValueError(f"{text!r} has port 0; name the port that the other members can reach")
    return Voter(int(number), place)


def resolve_voters(texts: Iterable[str]) -> tuple[tuple[Voter, ...], list[str]]:
    """The members in the order of their numbers, and everything that is wrong with them."""
    voters: list[Voter] = []
    mistakes: list[str] = []
    for text in texts:
        try:
            voter = parse_voter(text)
        except ValueError as error:
            mistakes.append(str(error))
            continue
        mistakes += _clashes(voter, voters)
        voters.append(voter)
    return tuple(sorted(voters, key=lambda voter: voter.id)), mistakes


def _clashes(voter: Voter, others: Sequence[Voter]) -> list[str]:
    clashes = []
    if any(other.id == voter.id for other in others):
        clashes.append(f"node {voter.id} is there twice")
    if any(other.place == voter.place for other in others):
        clashes.append(f"{voter.place} is there twice")
    return clashes
