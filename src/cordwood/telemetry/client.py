"""A client that may be asked for its metrics: one process, or one producer or consumer in it.

Lives here: what is known of it. Must not live here: what it is asked for (`subscriptions`).
"""

from __future__ import annotations

from base64 import urlsafe_b64encode

import msgspec


class Client(msgspec.Struct, frozen=True):
    """Who asks or pushes, as its connection and the header of its request say.

    `instance_id` is drawn by the first broker that the client asks, and stays with it as long as it lives.
    """

    instance_id: bytes
    client_id: str | None
    software_name: str = ""
    software_version: str = ""
    address: str = ""
    port: str = ""

    @property
    def instance(self) -> str:
        """The instance id as Kafka writes such ids."""
        return urlsafe_b64encode(self.instance_id).rstrip(b"=").decode("ascii")

    def attributes(self) -> dict[str, str | None]:
        """What subscriptions may look at, by the names that their `match` has for it."""
        return {
            "client_instance_id": self.instance,
            "client_id": self.client_id,
            "client_software_name": self.software_name,
            "client_software_version": self.software_version,
            "client_source_address": self.address,
            "client_source_port": self.port,
        }
