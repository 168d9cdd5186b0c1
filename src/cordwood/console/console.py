"""The HTTP listener: /livez, /readyz and /metrics.

Lives here: routes and their life. Must not live here: what the metrics mean.

| path       | 200 when                           | else |
|------------|------------------------------------|------|
| `/livez`   | the event loop turns               | none |
| `/readyz`  | clients are served                 | 503 and how far the start came |
| `/metrics` | the same, in Prometheus' text format | the same |
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

import uvicorn
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cordwood.console.group_metrics import GroupCollector
from cordwood.console.metrics import Broker, BrokerCollector
from cordwood.console.quorum_metrics import QuorumCollector
from cordwood.console.quota_metrics import QuotaCollector
from cordwood.console.telemetry_metrics import TelemetryCollector
from cordwood.console.transaction_metrics import TransactionCollector
from cordwood.coordinator.report import GroupReport
from cordwood.coordinator.transaction_report import TransactionReport
from cordwood.observe.quorum import QuorumCounts
from cordwood.observe.throttles import ThrottleCounts
from cordwood.telemetry.client_metrics import TelemetryReport
from cordwood.telemetry.exposition import text


class Subject(Broker, Protocol):
    """The broker that is shown."""

    @property
    def ready(self) -> bool:
        """Whether clients are served."""
        ...

    @property
    def starting(self) -> str:
        """How far the start came, for people."""
        ...

    async def group_report(self) -> GroupReport:
        """The groups that the broker coordinates."""
        ...

    @property
    def quorum_counts(self) -> QuorumCounts:
        """The metadata quorum as this broker sees it."""
        ...

    async def transaction_report(self) -> TransactionReport:
        """The transactions that the broker coordinates."""
        ...

    @property
    def throttle_counts(self) -> Callable[[], Mapping[str, ThrottleCounts]]:
        """Gives what was held back because of quotas, by the name of each."""
        ...

    def telemetry_report(self) -> TelemetryReport:
        """What clients pushed."""
        ...


class QuietServer(uvicorn.Server):
    """Signals are the command line's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Console:
    """Health and metrics of one broker over HTTP."""

    def __init__(self, subject: Subject, host: str, port: int) -> None:
        self._subject = subject
        self._registry = CollectorRegistry()
        self._registry.register(BrokerCollector(subject))
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self.host = host
        self.port = port

    async def start(self) -> None:
        """Returns when requests are answered. Raises OSError if the address is taken."""
        listening = socket.create_server((self.host, self.port))
        self.port = listening.getsockname()[1]
        config = uvicorn.Config(self._app(), log_config=None, log_level="warning", lifespan="off", access_log=False)
        self._server = QuietServer(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listening]))

    async def stop(self) -> None:
        """Answers what is in flight and closes."""
        self._server.should_exit = True
        await self._task

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/livez", self._livez),
                Route("/readyz", self._readyz),
                Route("/metrics", self._metrics),
            ]
        )

    async def _livez(self, request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def _readyz(self, request: Request) -> Response:
        if self._subject.ready:
            return PlainTextResponse("ok\n")
        return PlainTextResponse(f"{self._subject.starting}\n", status_code=503)

    async def _metrics(self, request: Request) -> Response:
        """A thousand series take 17 ms to write out: a thread's work."""
        if not self._subject.ready:
            return PlainTextResponse(f"{self._subject.starting}\n", status_code=503)
        snapshots = CollectorRegistry()
        snapshots.register(QuorumCollector(self._subject.quorum_counts))
        snapshots.register(QuotaCollector(self._subject.throttle_counts()))
        snapshots.register(GroupCollector(await self._subject.group_report()))
        snapshots.register(TransactionCollector(await self._subject.transaction_report()))
        telemetry = self._subject.telemetry_report()
        snapshots.register(TelemetryCollector(telemetry))

        def write() -> bytes:
            return generate_latest(self._registry) + generate_latest(snapshots) + text(telemetry.families)

        return Response(await asyncio.to_thread(write), media_type=CONTENT_TYPE_LATEST)
