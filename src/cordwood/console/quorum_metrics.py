"""The metrics of the metadata quorum and of the way to the peers.

Lives here: one moment of it as Prometheus families. Must not live here: gathering it (`node`).
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from cordwood.observe.quorum import QuorumCounts


class QuorumCollector:
    """The families of one moment; it has what a Prometheus registry has of a collector."""

    def __init__(self, counts: QuorumCounts) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        """All families."""
        counts = self._counts
        for name, document, gauge in (
            (
                "quorum_leader",
                "The node that leads the metadata quorum, as this one knows; -1 for none.",
                counts.leader,
            ),
            ("quorum_is_leader", "1 if this node leads the metadata quorum.", int(counts.is_leader)),
            ("quorum_term", "The term of the metadata quorum.", counts.term),
            ("quorum_committed_index", "The last entry that is committed, as this node knows.", counts.committed),
            ("quorum_applied_index", "The last entry that this node has applied.", counts.applied),
            ("quorum_voters", "Nodes that vote.", counts.voters),
            ("quorum_observers", "Nodes that follow without a vote.", counts.observers),
            ("quorum_waiting_decisions", "Decisions of this node without an answer yet.", counts.waiting),
        ):
            yield GaugeMetricFamily(f"cordwood_{name}", document, value=gauge)
        for name, document, count in (
            ("quorum_snapshots_made", "Snapshots of the metadata that this node made.", counts.snapshots_made),
            ("quorum_snapshots_installed", "Snapshots that it was sent.", counts.snapshots_installed),
            ("peer_messages_received", "Messages of other nodes.", counts.received),
            ("peer_messages_damaged", "Messages of other nodes that could not be read.", counts.damaged),
            ("peer_hellos_refused", "Connections of nodes that do not belong here.", counts.hellos_refused),
        ):
            yield CounterMetricFamily(f"cordwood_{name}", document, value=count)
        yield from self._peers()

    def _peers(self) -> Iterator[Metric]:
        linked = GaugeMetricFamily("cordwood_peer_linked", "1 if the node is reached.", labels=("peer",))
        sent = CounterMetricFamily("cordwood_peer_messages_sent", "Messages to the node.", labels=("peer",))
        dropped = CounterMetricFamily(
            "cordwood_peer_messages_dropped", "Messages to it that got lost here.", labels=("peer",)
        )
        for peer in self._counts.peers:
            labels = (str(peer.node_id),)
            linked.add_metric(labels, int(peer.is_linked))
            sent.add_metric(labels, peer.sent)
            dropped.add_metric(labels, peer.dropped)
        yield from (linked, sent, dropped)
