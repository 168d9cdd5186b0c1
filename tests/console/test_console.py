"""Health and metrics over HTTP."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request

import pytest

from cordwood.console.console import Console
from cordwood.testing import Server


def get(console: Console, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{console.port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.asyncio
async def test_health_follows_the_broker() -> None:
    async with Server() as server:
        console = Console(server.node, "127.0.0.1", 0)
        await console.start()
        assert await asyncio.to_thread(get, console, "/livez") == (200, "ok\n")
        assert await asyncio.to_thread(get, console, "/readyz") == (200, "ok\n")
        server.node.ready = False
        server.node.starting = "opened 3 of 7 logs"
        for path in ("/readyz", "/metrics"):
            assert await asyncio.to_thread(get, console, path) == (503, "opened 3 of 7 logs\n")
        assert (await asyncio.to_thread(get, console, "/livez"))[0] == 200
        assert (await asyncio.to_thread(get, console, "/elsewhere"))[0] == 404
        await console.stop()


@pytest.mark.asyncio
async def test_a_taken_address_is_an_error() -> None:
    async with Server() as server:
        console = Console(server.node, "127.0.0.1", server.port)
        with pytest.raises(OSError, match="in use"):
            await console.start()
