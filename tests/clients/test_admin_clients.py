"""Every call that every admin client offers is made, and docs/ADMIN_CLIENTS.md says truly what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from cordwood.testing import Server
from tests.clients.conftest import need
from tests.clients.harness.admin_table import PAGE, TABLE, Client, Refusal, differences, page
from tests.clients.harness.clients import named
from tests.clients.harness.scene import Stage

Survey = list[dict[str, Any]]

COMMAND = "python -m tests.clients.harness.admin_table > docs/ADMIN_CLIENTS.md"


@pytest.fixture(scope="module")
def surveys() -> Iterator[dict[str, Future[Survey]]]:
    """What each client that is installed found, all of them at one broker at the same time; some wait a good deal."""
    present = [client.name for client in TABLE if named(client.name).absence() is None]
    with Server() as server, ThreadPoolExecutor(len(TABLE)) as pool:

        def survey(name: str) -> Survey:
            with Stage(server.bootstrap_servers, name):
                return named(name).run("survey", server.bootstrap_servers, [], "--name", name)

        yield {name: pool.submit(survey, name) for name in present}


@pytest.mark.parametrize("client", TABLE, ids=lambda client: client.name)
def test_the_table_says_what_becomes_of_every_call(surveys: dict[str, Future[Survey]], client: Client) -> None:
    need(named(client.name))
    wrong = list(differences(client, surveys[client.name].result()))
    assert not wrong, "\n".join(wrong)


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(TABLE), f"docs/ADMIN_CLIENTS.md is out of date; run: {COMMAND}"


def test_a_table_that_is_wrong_is_found() -> None:
    client = Client(
        "c", "C", ("works", "fails", "twice"), ("gone", "twice"), (Refusal("NO", "why", ("no", "yes", "other")),)
    )
    survey: Survey = [
        {"offers": ["works", "fails", "twice", "new", "no", "yes", "other"]},
        {"call": "works", "ok": "1"},
        {"call": "fails", "error": "BAD", "message": "m"},
        {"call": "twice", "ok": "1"},
        {"call": "no", "error": "NO", "message": "m"},
        {"call": "yes", "ok": "1"},
        {"call": "other", "error": "BAD", "message": "m"},
    ]
    assert list(differences(client, survey)) == [
        "twice is listed twice",
        "new is offered and not listed",
        "gone is listed and not offered",
        "gone was not called",
        "fails is to succeed and fails: BAD m",
        "other is listed as NO and fails otherwise: BAD m",
        "yes is listed as refused and succeeds: 1",
    ]
