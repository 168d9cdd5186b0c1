"""The quorum is told in numbers, and every peer by its own."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from cordwood.console.quorum_metrics import QuorumCollector
from cordwood.observe.quorum import PeerCounts, QuorumCounts

COUNTS = QuorumCounts(
    leader=2,
    is_leader=False,
    term=7,
    committed=90,
    applied=89,
    voters=3,
    observers=1,
    waiting=4,
    snapshots_made=5,
    snapshots_installed=6,
    received=700,
    damaged=8,
    hellos_refused=9,
    peers=(PeerCounts(2, True, 100, 0), PeerCounts(3, False, 10, 11)),
)


def scraped(counts: QuorumCounts) -> dict[tuple[str, ...], float]:
    registry = CollectorRegistry()
    registry.register(QuorumCollector(counts))
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(generate_latest(registry).decode())
        for sample in family.samples
    }


def test_what_a_moment_says_is_told():
    assert scraped(COUNTS) == {
        ("cordwood_quorum_leader",): 2,
        ("cordwood_quorum_is_leader",): 0,
        ("cordwood_quorum_term",): 7,
        ("cordwood_quorum_committed_index",): 90,
        ("cordwood_quorum_applied_index",): 89,
        ("cordwood_quorum_voters",): 3,
        ("cordwood_quorum_observers",): 1,
        ("cordwood_quorum_waiting_decisions",): 4,
        ("cordwood_quorum_snapshots_made_total",): 5,
        ("cordwood_quorum_snapshots_installed_total",): 6,
        ("cordwood_peer_messages_received_total",): 700,
        ("cordwood_peer_messages_damaged_total",): 8,
        ("cordwood_peer_hellos_refused_total",): 9,
        ("cordwood_peer_linked", "2"): 1,
        ("cordwood_peer_linked", "3"): 0,
        ("cordwood_peer_messages_sent_total", "2"): 100,
        ("cordwood_peer_messages_sent_total", "3"): 10,
        ("cordwood_peer_messages_dropped_total", "2"): 0,
        ("cordwood_peer_messages_dropped_total", "3"): 11,
    }


def test_a_node_alone_has_no_peers():
    found = scraped(COUNTS._replace(peers=()))
    assert not [name for name in found if len(name) > 1]
