"""The table of admin clients: what becomes of each call that each of them offers; and docs/ADMIN_CLIENTS.md, made of it.

`python -m tests.clients.harness.admin_table > docs/ADMIN_CLIENTS.md` writes the page.

Lives here: the table, read from admin_calls.toml, the page, and what is wrong with the table in the light of a survey. Must
not live here: making the calls; the drivers do (drivers/survey.py).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parents[1] / "admin_calls.toml"
PAGE = Path(__file__).parents[3] / "docs" / "ADMIN_CLIENTS.md"
SILENT = ""
"""What a client says of a refusal that it does not pass on."""

INTRODUCTION = """\
# Admin clients

Every call that an admin client offers, and what becomes of it. This page is made of `tests/clients/admin_calls.toml`, and
`tests/clients/test_admin_clients.py` makes every one of these calls against a broker: the test fails where a call that is
listed as answered is refused, or one that is listed as refused works, and where a client offers a call that is not listed.

- *in full*: it does what the client asks; a call that changes something is followed by one that sees the change. Where there
  is nothing to do on a cluster of one broker (electing the leader that leads already, adding the voter that votes already),
  that is the answer, as it is Kafka's.
- *refused*: with the error that the client reports.
- *asks nothing*: the client needs no broker for it.
"""


@dataclass(frozen=True)
class Refusal:
    """Calls that are refused, with what the client says, and why."""

    says: str
    why: str
    calls: tuple[str, ...]


@dataclass(frozen=True)
class Client:
    """The calls of one admin client. `name` is the name of its driver."""

    name: str
    title: str
    full: tuple[str, ...]
    nothing: tuple[str, ...]
    refused: tuple[Refusal, ...]

    def listed(self) -> list[str]:
        """All calls, with those that are listed twice."""
        return [*self.full, *self.nothing, *(call for refusal in self.refused for call in refusal.calls)]

    def refusal_of(self, call: str) -> str | None:
        """What the client says when it makes the call; None where it is to succeed."""
        return next((refusal.says for refusal in self.refused if call in refusal.calls and refusal.says), None)


def read_table(text: str) -> tuple[Client, ...]:
    """The clients of the table, in its order."""
    document = tomllib.loads(text)
    reasons: Mapping[str, str] = document["reasons"]
    return tuple(_client(entry, reasons) for entry in document["client"])


def _client(entry: Mapping[str, Any], reasons: Mapping[str, str]) -> Client:
    refused = [
        Refusal(refusal["says"], reasons[refusal["reason"]], tuple(refusal["calls"]))
        for refusal in entry.get("refused", ())
    ]
    return Client(entry["name"], entry["title"], tuple(entry["full"]), tuple(entry["asks_nothing"]), tuple(refused))


TABLE = read_table(SOURCE.read_text("utf-8"))


def differences(client: Client, survey: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What is wrong with the table, by the lines of a survey."""
    offers, outcomes = set(survey[0]["offers"]), {line["call"]: line for line in survey[1:]}
    listed = client.listed()
    yield from (f"{call} is listed twice" for call in sorted(set(listed)) if listed.count(call) > 1)
    yield from (f"{call} is offered and not listed" for call in sorted(offers - set(listed)))
    yield from (f"{call} is listed and not offered" for call in sorted(set(listed) - offers))
    yield from (f"{call} was not called" for call in sorted(set(listed) - outcomes.keys()))
    for call in sorted(outcomes.keys() & set(listed)):
        expected, line = client.refusal_of(call), outcomes[call]
        if expected is None and "ok" not in line:
            yield f"{call} is to succeed and fails: {line['error']} {line['message']}"
        elif expected is not None and "ok" in line:
            yield f"{call} is listed as refused and succeeds: {line['ok']}"
        elif expected is not None and line["error"] != expected:
            yield f"{call} is listed as {expected} and fails otherwise: {line['error']} {line['message']}"


def page(table: Iterable[Client]) -> str:
    """docs/ADMIN_CLIENTS.md."""
    return INTRODUCTION + "".join(f"\n{section}" for client in table for section in _section(client))


def _section(client: Client) -> Iterator[str]:
    count = len(set(client.listed()))
    yield f"## {client.title}\n"
    rows = [(f"in full: {len(client.full)} of {count}", _names(client.full), "")]
    rows += [
        (f"refused: `{refusal.says}`" if refusal.says else "refused, and the client does not say so",
         _names(refusal.calls), refusal.why)
        for refusal in client.refused
    ]  # fmt: skip
    if client.nothing:
        rows.append(("asks nothing", _names(client.nothing), ""))
    lines = ["| answer | calls | why |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    yield "\n".join(lines) + "\n"


def _names(calls: Iterable[str]) -> str:
    return ", ".join(f"`{call}`" for call in sorted(calls))


if __name__ == "__main__":
    print(page(TABLE), end="")
