"""The configuration of a node: its settings, gathered from all sources, judged together, and made into a value.

Lives here: which source wins, what settings mean together, and the value that a node is built from. Must not live here:
the reading of a source (`sources`) and the table of settings (`model.settings`).

Every mistake is reported at once, with its place; a setting that a stronger source overrides is judged all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec

from cordwood.broker.quotas.usage import Windows
from cordwood.metadata.topics import TopicDefaults
from cordwood.model.errors import CordwoodError
from cordwood.model.settings import BROKER, Layers, Value, broker_value
from cordwood.node.addresses import Address, HostPort, parse_host_port
from cordwood.node.contradictions import troubles
from cordwood.node.findings import Findings, Severity
from cordwood.node.listeners import Listeners, resolve_listeners
from cordwood.node.quorum_settings import QuorumSettings
from cordwood.node.quota_settings import QuotaSettings, parse_overrides
from cordwood.node.sources import find_all
from cordwood.node.voters import Voter, resolve_voters
from cordwood.replica.rounds import Rounds
from cordwood.telemetry.settings import TelemetrySettings

__all__ = ["Address", "ConfigurationError", "HostPort", "NodeConfig", "load"]

CLUSTER_ID_LENGTHS: Final = range(1, 65)

PROMISES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "authorizer.class.name": (
            "Cordwood has no access control yet and would let everyone in",
            "take the setting away",
        )
    }
)
"""Settings that promise protection which is not there: where one is given, the node does not start."""


class ConfigurationError(CordwoodError):
    """The configuration of a node has mistakes: all of them, each with its place."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("the configuration has mistakes:\n" + "\n".join(f"  {mistake}" for mistake in mistakes))
        self.mistakes = tuple(mistakes)


class NodeConfig(msgspec.Struct, frozen=True):
    """What a node is built from.

    `advertised` holds what was set and nothing else; a listener that is not in it is told to clients as it is bound.
    `static` are the settings given, as text by name, the layer under all dynamic ones; `places` tells where each was
    given. `warnings` are for people to read at the start.
    """

    node_id: int
    cluster_id: str | None
    rack: str | None
    voters: tuple[Voter, ...]
    quorum: QuorumSettings
    listeners: tuple[Address, ...]
    advertised: tuple[Address, ...]
    data_dirs: tuple[str, ...]
    http: HostPort | None
    ready_file: str | None
    topic_defaults: TopicDefaults
    auto_create_topics: bool
    delete_topic_enabled: bool
    partition_request_limit: int
    max_connections: int
    max_connections_per_ip: int
    quotas: QuotaSettings
    connection_idle_ms: int
    requests_in_flight: int
    request_max_bytes: int
    fetch_max_bytes: int
    fetch_session_slots: int
    background_threads: int
    disk_reserve_bytes: int
    rounds: Rounds
    telemetry: TelemetrySettings
    static: Mapping[str, str]
    places: Mapping[str, str]
    warnings: tuple[str, ...]


def load(
    *,
    file: str | None = None,
    environment: Mapping[str, str] = MappingProxyType({}),
    sets: Sequence[str] = (),
    flags: Mapping[str, str] = MappingProxyType({}),
) -> NodeConfig:
    """The configuration from a TOML file, the environment, KEY=VALUE pairs and flags (by the name of their setting).

    Raises ConfigurationError with every mistake.
    """
    findings = find_all(file, environment, sets, flags)
    config = judge(findings)
    if config is None:
        raise ConfigurationError(findings.mistakes)
    return config


def judge(findings: Findings) -> NodeConfig | None:
    """The configuration of what was found; None when there are mistakes. What there is to say is added to the findings."""
    return _Judgement(findings).config()


class _Judgement:
    """All settings of a node on the way to its configuration."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._static = {given.name: given.text for given in findings.settings}
        self._places = {given.name: given.place for given in findings.settings}

    def config(self) -> NodeConfig | None:
        """The configuration, if there can be one."""
        self._look_at_promises()
        self._look_at_troubles()
        listeners = self._listeners()
        http = self._http()
        data_dirs = self._data_dirs()
        cluster_id = self._cluster_id()
        voters = self._voters()
        quorum = self._quorum(voters)
        quotas = self._quotas()
        warnings = self._findings.warnings
        idle = self._look_at_idle()
        if self._findings.mistakes:
            return None
        return NodeConfig(
            node_id=self._number("node.id"),
            cluster_id=cluster_id,
            rack=self._text("broker.rack"),
            voters=voters,
            quorum=quorum,
            listeners=listeners.bound,
            advertised=listeners.advertised,
            data_dirs=data_dirs,
            http=http,
            ready_file=self._text("ready.file"),
            topic_defaults=TopicDefaults(
                self._number("num.partitions"),
                self._number("default.replication.factor"),
            ),
            auto_create_topics=self._flag("auto.create.topics.enable"),
            delete_topic_enabled=self._flag("delete.topic.enable"),
            partition_request_limit=self._number("max.request.partition.size.limit"),
            max_connections=self._number("max.connections"),
            max_connections_per_ip=self._number("max.connections.per.ip"),
            quotas=quotas,
            connection_idle_ms=self._number("connections.max.idle.ms"),
            requests_in_flight=self._number("connection.max.requests.in.flight"),
            request_max_bytes=self._number("socket.request.max.bytes"),
            fetch_max_bytes=self._number("fetch.max.bytes"),
            fetch_session_slots=self._number("max.incremental.fetch.session.cache.slots"),
            background_threads=self._number("background.threads"),
            disk_reserve_bytes=self._number("disk.reserve.bytes"),
            rounds=Rounds(
                retention_check_ms=self._number("log.retention.check.interval.ms"),
                checkpoint_interval_ms=self._number("log.flush.offset.checkpoint.interval.ms"),
                idle_ms=self._number("log.idle.ms"),
                open_files_limit=self._number("log.open.files.limit"),
            ),
            telemetry=TelemetrySettings(
                max_bytes=self._number("telemetry.max.bytes"),
                max_series=self._number("telemetry.max.series"),
                max_series_per_client=self._number("telemetry.max.series.per.client"),
            ),
            static=MappingProxyType(self._static),
            places=MappingProxyType({name: str(place) for name, place in self._places.items()}),
            warnings=(*warnings, *idle),
        )

    def _listeners(self) -> Listeners:
        listeners = resolve_listeners(
            self._list("listeners"),
            self._list("advertised.listeners"),
            [pair.strip() for pair in (self._text("listener.security.protocol.map") or "").split(",")],
            self._list("controller.listener.names"),
        )
        for name, reason in listeners.mistakes:
            self._mistake(name, reason)
        return listeners

    def _http(self) -> HostPort | None:
        text = self._text("http.listener")
        if text is None:
            return None
        try:
            return parse_host_port(text)
        except ValueError as error:
            self._mistake("http.listener", str(error))
            return None

    def _data_dirs(self) -> tuple[str, ...]:
        name = "log.dirs" if self._list("log.dirs") else "log.dir"
        directories = tuple(directory.rstrip("/") or directory[:1] for directory in self._list(name))
        if not directories or "" in directories:
            self._mistake(name, "names no data directory")
        if len(set(directories)) < len(directories):
            self._mistake(name, "names a directory twice")
        return directories

    def _cluster_id(self) -> str | None:
        text = self._text("cluster.id")
        if text is not None and (len(text) not in CLUSTER_ID_LENGTHS or not text.isascii() or " " in text):
            self._mistake("cluster.id", f"wants 1 to {CLUSTER_ID_LENGTHS[-1]} ASCII characters without blanks")
        return text

    def _voters(self) -> tuple[Voter, ...]:
        voters, mistakes = resolve_voters(self._list("controller.quorum.voters"))
        for reason in mistakes:
            self._mistake("controller.quorum.voters", reason)
        return voters

    def _quorum(self, voters: Sequence[Voter]) -> QuorumSettings:
        quorum = QuorumSettings(
            bootstrap_servers=self._places_of("controller.quorum.bootstrap.servers"),
            fetch_timeout_ms=self._number("controller.quorum.fetch.timeout.ms"),
            request_timeout_ms=self._number("controller.quorum.request.timeout.ms"),
            retry_backoff_ms=self._number("controller.quorum.retry.backoff.ms"),
            message_max_bytes=self._number("controller.quorum.fetch.max.bytes"),
            chunk_bytes=self._number("controller.quorum.fetch.snapshot.max.bytes"),
            snapshot_every_bytes=self._number("metadata.log.max.record.bytes.between.snapshots"),
            log_segment_bytes=self._number("metadata.log.segment.bytes"),
            queue_messages=self._number("peer.queue.max.messages"),
            queue_bytes=self._number("peer.queue.max.bytes"),
            requests_in_flight=self._number("peer.max.requests.in.flight"),
            reconnect_backoff_max_ms=self._number("peer.reconnect.backoff.max.ms"),
        )
        needed = quorum.peer_message_max_bytes
        if (voters or quorum.bootstrap_servers) and self._number("socket.request.max.bytes") < needed:
            self._mistake("socket.request.max.bytes", f"wants at least {needed} where brokers talk to each other")
        return quorum

    def _quotas(self) -> QuotaSettings:
        overrides, mistakes = parse_overrides(self._text("max.connections.per.ip.overrides") or "")
        for reason in mistakes:
            self._mistake("max.connections.per.ip.overrides", reason)
        return QuotaSettings(
            windows=Windows(self._number("quota.window.num"), self._number("quota.window.size.seconds")),
            controller_windows=Windows(
                self._number("controller.quota.window.num"), self._number("controller.quota.window.size.seconds")
            ),
            address_overrides=MappingProxyType(overrides),
        )

    def _places_of(self, name: str) -> tuple[HostPort, ...]:
        places = []
        for text in self._list(name):
            try:
                places.append(parse_host_port(text))
            except ValueError as error:
                self._mistake(name, str(error))
        return tuple(places)

    def _look_at_promises(self) -> None:
        for name, (reason, what_to_do) in PROMISES.items():
            if self._static.get(name, "").strip():
                self._mistake(name, reason, what_to_do)

    def _look_at_idle(self) -> list[str]:
        """Finds the settings that have no effect, and says so in one line for all of them."""
        idle = [name for name in self._static if not BROKER[name].acted_on and name not in PROMISES]
        for name in idle:
            self._findings.add(
                Severity.WARNING, self._places[name], name, f"{name} has no effect in Cordwood: {BROKER[name].reason}"
            )
        listed = ", ".join(f"{name} ({self._places[name]})" for name in idle)
        return [f"without effect in Cordwood: {listed}"] if idle else []

    def _look_at_troubles(self) -> None:
        for severity, name, message, suggestion in troubles(self._static):
            self._findings.add(severity, self._places.get(name), name, message, suggestion)

    def _mistake(self, name: str, reason: str, suggestion: str = "") -> None:
        self._findings.add(Severity.ERROR, self._places.get(name), name, f"{name}: {reason}", suggestion)

    def _value(self, name: str) -> Value:
        return broker_value(name, Layers(static=self._static))

    def _number(self, name: str) -> int:
        value = self._value(name)
        assert isinstance(value, int), (name, value)
        return value

    def _flag(self, name: str) -> bool:
        value = self._value(name)
        assert isinstance(value, bool), (name, value)
        return value

    def _text(self, name: str) -> str | None:
        value = self._value(name)
        assert value is None or isinstance(value, str), (name, value)
        return value or None

    def _list(self, name: str) -> tuple[str, ...]:
        value = self._value(name)
        assert value is None or isinstance(value, tuple), (name, value)
        return value or ()
