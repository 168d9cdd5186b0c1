"""`cordwood serve`: runs a broker until it is told to stop.

Lives here: signals, the ready file, the words on stderr. Must not live here: the broker (see `node`), its options
(`config.sources`).
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import resource
import signal
import sys
from typing import TYPE_CHECKING, Final

import click
import uvloop

from cordwood.cli.config.sources import Sources, source_options
from cordwood.env.disk import LocalDisk
from cordwood.model.errors import CordwoodError
from cordwood.node.configuration import ConfigurationError, NodeConfig, load
from cordwood.node.node import Node

if TYPE_CHECKING:
    from cordwood.console.console import Console

FAILURE_CHECK_SECONDS: Final = 1.0
_GC_THRESHOLDS: Final = (50_000, 20, 50)
"""Requests make few cycles; the default of 700 objects has the collector run thousands of times a second."""

SWITCH_INTERVAL_S: Final = 0.001
"""How long a thread may keep the interpreter from others. The default of 5 ms adds up where several want it: beside
compaction and the looks at keys of large batches the event loop waited for 11 ms at worst, and waits 7 with this
(bench/compacted_topic.py with --realtime; 36 and 15 ms on a busy machine without)."""


@click.command()
@source_options
def serve(sources: Sources) -> None:
    """Run a broker.

    Settings come from flags, then CORDWOOD_* and KAFKA_* environment variables, then the file, then the defaults.
    """
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    config = _load(sources)
    gc.set_threshold(*_GC_THRESHOLDS)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    _raise_file_limit()
    sys.exit(uvloop.run(_run(config)))


def _raise_file_limit() -> None:
    """Every segment is an open file: takes as many as the system gives without asking."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _load(sources: Sources) -> NodeConfig:
    try:
        config = load(file=sources.file, environment=os.environ, sets=sources.sets, flags=sources.flags)
    except ConfigurationError as error:
        for mistake in error.mistakes:
            click.echo(f"error: {mistake}", err=True)
        sys.exit(2)
    for warning in config.warnings:
        click.echo(f"warning: {warning}", err=True)
    return config


async def _run(config: NodeConfig) -> int:
    node = Node(config)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        stopping.set()
        node.give_up()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    console = None
    try:
        console = await _start_console(node)
        await node.start()
    except (CordwoodError, OSError) as error:
        click.echo(f"cordwood: stopped: {error}" if stopping.is_set() else f"error: {error}", err=True)
        if console is not None:
            await console.stop()
        return 0 if stopping.is_set() else 1
    gc.collect()
    gc.freeze()  # What the start made stays: no collection needs to look at it again.
    _say_ready(node)
    failure = await _wait(node, stopping)
    await node.stop()
    if console is not None:
        await console.stop()
    if failure is not None:
        click.echo(f"error: the broker cannot go on: {failure}", err=True)
        return 1
    return 0


async def _wait(node: Node, stopping: asyncio.Event) -> Exception | None:
    """Until a signal comes, or the broker cannot go on."""
    while not stopping.is_set():
        if node.failure is not None:
            return node.failure
        try:
            await asyncio.wait_for(stopping.wait(), FAILURE_CHECK_SECONDS)
        except TimeoutError:
            continue
    return None


async def _start_console(node: Node) -> Console | None:
    """The HTTP listener, if there is to be one. Its libraries are not loaded without it: they double the start."""
    http = node.config.http
    if http is None:
        return None
    from cordwood.console.console import Console

    console = Console(node, http.host, http.port)
    await console.start()
    click.echo(f"cordwood: metrics and health at http://{console.host}:{console.port}", err=True)
    return console


def _say_ready(node: Node) -> None:
    """One line for people, and the same address in the ready file for programs."""
    bound = ",".join(f"{host}:{port}" for host, port in node.bound)
    click.echo(f"cordwood: ready at {bound}, data in {', '.join(node.config.data_dirs)}", err=True)
    if node.config.ready_file is not None:
        _replace_file(node.config.ready_file, f"{bound}\n".encode())


def _replace_file(path: str, data: bytes) -> None:
    """Whoever finds the file finds it whole."""
    disk = LocalDisk()
    temporary = f"{path}.tmp"
    file = disk.open(temporary, create=True)
    file.truncate(0)
    file.write([data], 0)
    file.close()
    disk.rename(temporary, path)
