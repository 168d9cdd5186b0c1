"""The options that a broker is configured by, for `serve` and for whoever wants to know what it would run with.

Lives here: those options, and the one value that they come to. Must not live here: what settings mean (cordwood.node).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

FLAGS: Final[Mapping[str, str]] = {
    "data": "log.dirs",
    "listen": "listeners",
    "advertise": "advertised.listeners",
    "http": "http.listener",
    "ready_file": "ready.file",
}
"""The setting that each flag stands for."""


class Sources(NamedTuple):
    """A file, KEY=VALUE pairs, and the values of flags by the names of their settings."""

    file: str | None = None
    sets: tuple[str, ...] = ()
    flags: Mapping[str, str] = {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing was given."""
        return not (self.file or self.sets or self.flags)


def source_options(command: F) -> F:
    """Gives a command the options, and hands it `sources`."""

    @functools.wraps(command)
    def configured(
        *args: Any,  # noqa: ANN401 - click's own
        config_file: str | None,
        sets: tuple[str, ...],
        **kwargs: Any,  # noqa: ANN401 - click's own
    ) -> Any:  # noqa: ANN401 - the command's own
        given = {setting: kwargs.pop(flag) for flag, setting in FLAGS.items()}
        flags = {setting: value for setting, value in given.items() if value is not None}
        return command(*args, sources=Sources(config_file, sets, flags), **kwargs)

    for option in reversed(_OPTIONS):
        configured = option(configured)
    return configured  # type: ignore[return-value] # the same command with an argument of another name


_OPTIONS: Final = (
    click.option("--data", metavar="DIR", help="Data directory (log.dirs). Default: ./data"),
    click.option(
        "--listen",
        metavar="HOST:PORT",
        help="Address to bind (listeners); port 0 takes a free one. Default: 127.0.0.1:9092",
    ),
    click.option("--advertise", metavar="HOST:PORT", help="Address that clients are told (advertised.listeners)."),
    click.option("--http", metavar="HOST:PORT", help="Also serve /livez, /readyz and /metrics there."),
    click.option("--config", "config_file", metavar="FILE", help="Settings in TOML or properties, by Kafka's names."),
    click.option(
        "--set", "sets", metavar="KEY=VALUE", multiple=True, help="One setting; may be given again and again."
    ),
    click.option("--ready-file", metavar="PATH", help="Written with the bound address once requests are answered."),
)
