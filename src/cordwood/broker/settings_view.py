"""The settings as the metadata and the command line leave them.

Lives here: how the layers of settings are put together. Must not live here: the table itself, and what a value does.
"""

from __future__ import annotations

from cordwood.broker.context import Context
from cordwood.model.settings import Layers


def layers_of(context: Context) -> Layers:
    """What lies under a topic's own settings on this broker: dynamic ones over those it was started with."""
    settings = context.settings
    return context.image.broker_layers(settings.broker_id, settings.static)
