"""What the clients of a node may use: its quotas and its limits of connections, as the metadata and the settings say.

Lives here: which parts there are and what they follow. Must not live here: measuring (`broker.quotas`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.broker.quotas.connection_rates import ConnectionRates
from cordwood.broker.quotas.hosts import Hosts
from cordwood.broker.quotas.quotas import Quotas
from cordwood.model.settings import broker_value
from cordwood.node.ports import Ports

if TYPE_CHECKING:
    from cordwood.metadata import Image
    from cordwood.model.settings import Layers
    from cordwood.node.configuration import NodeConfig
    from cordwood.node.quota_settings import QuotaSettings
    from cordwood.observe.throttles import ThrottleCounts


class Limiting:
    """The quotas of one node. Nothing but the rate of the broker holds before something was followed."""

    def __init__(self, settings: QuotaSettings) -> None:
        self.quotas = Quotas(settings.windows, settings.controller_windows)
        self.connections = ConnectionRates(settings.windows)
        self._hosts = Hosts(self.connections)
        self._ports: list[Ports] = []

    def new_ports(self, config: NodeConfig) -> Ports:
        """Listening sockets whose connections are limited here."""
        self._ports.append(Ports(config, self.connections))
        return self._ports[-1]

    def follow(self, image: Image, layers: Layers) -> None:
        """From now on this image's quotas hold, and the settings of these layers."""
        self.quotas.follow(image.quotas)
        self._hosts.follow(image.quotas)
        rate = broker_value("max.connection.creation.rate", layers)
        assert isinstance(rate, int), rate
        self.connections.broker_rate = rate
        for ports in self._ports:
            ports.follow(layers)

    def close(self) -> None:
        """Asks for no more addresses."""
        self._hosts.close()

    def counts(self) -> dict[str, ThrottleCounts]:
        """What was held back since the start, by the name of each quota."""
        return {**self.quotas.counts(), "Connection": self.connections.counts}
