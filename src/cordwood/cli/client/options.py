"""The options of every command that talks to a cluster: which one, with which properties, and how long to wait.

    -X KEY=VALUE   wins over   -b SERVERS   wins over   -F FILE   wins over   CORDWOOD_BOOTSTRAP_SERVERS   wins over   127.0.0.1:9092

Lives here: those options, and the one value that they come to. Must not live here: librdkafka (`connecting`): a `--help`
does not wait for it.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeVar

import click

from cordwood.cli.client.properties import BadProperties, parse_properties

SERVERS: Final = "bootstrap.servers"
SERVERS_VARIABLE: Final = "CORDWOOD_BOOTSTRAP_SERVERS"
DEFAULT_SERVERS: Final = "127.0.0.1:9092"
DEFAULT_TIMEOUT_S: Final = 10.0

F = TypeVar("F", bound=Callable[..., Any])


class Connection(NamedTuple):
    """Where a cluster is and how it is talked to: properties of librdkafka, and how long anything may take."""

    properties: Mapping[str, str]
    timeout_s: float = DEFAULT_TIMEOUT_S

    @property
    def servers(self) -> str:
        """Whom to ask first."""
        return self.properties[SERVERS]


def connection_of(
    servers: str | None,
    given: Mapping[str, str],
    file: Mapping[str, str],
    timeout_s: float,
    environment: Mapping[str, str],
) -> Connection:
    """What the sources come to."""
    properties = {SERVERS: environment.get(SERVERS_VARIABLE) or DEFAULT_SERVERS, **file}
    if servers is not None:
        properties[SERVERS] = servers
    return Connection(MappingProxyType({**properties, **given}), timeout_s)


def connection_options(command: F) -> F:
    """Gives a command the options, and hands it a `connection`."""

    @functools.wraps(command)
    def connected(
        *args: Any,  # noqa: ANN401 - click's own
        bootstrap_servers: str | None,
        properties: Mapping[str, str],
        client_config: Mapping[str, str],
        timeout_s: float,
        **kwargs: Any,  # noqa: ANN401 - click's own
    ) -> Any:  # noqa: ANN401 - the command's own
        connection = connection_of(bootstrap_servers, properties, client_config, timeout_s, os.environ)
        return command(*args, connection=connection, **kwargs)

    for option in reversed(_OPTIONS):
        connected = option(connected)
    return connected  # type: ignore[return-value] # the same command with an argument of another name


def pairs(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Reads an option of the form KEY=VALUE that may be given again and again; the last of a key counts."""
    found = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f"{name!r} wants KEY=VALUE")
        found[name.strip()] = text
    return found


def _file(_context: click.Context, _parameter: click.Parameter, path: str | None) -> dict[str, str]:
    """The properties of a file."""
    if path is None:
        return {}
    try:
        with open(path, encoding="utf-8") as file:
            return parse_properties(file.read(), path)
    except OSError as error:
        raise click.BadParameter(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{path} is not UTF-8: {error.reason} at byte {error.start}") from error
    except BadProperties as error:
        raise click.BadParameter(str(error)) from error


_OPTIONS: Final = (
    click.option(
        "-b",
        "--bootstrap-servers",
        "--bootstrap-server",
        "bootstrap_servers",
        metavar="HOST:PORT,...",
        help=f"Brokers to ask first. Default: {SERVERS_VARIABLE}, or {DEFAULT_SERVERS}",
    ),
    click.option(
        "-X",
        "--property",
        "properties",
        metavar="KEY=VALUE",
        multiple=True,
        callback=pairs,
        help="A property of librdkafka, for TLS and SASL among others; may be given again and again.",
    ),
    click.option(
        "-F",
        "--config-file",
        "client_config",
        metavar="FILE",
        callback=_file,
        help="A file of such properties, or one made for Kafka's own tools.",
    ),
    click.option(
        "--timeout",
        "timeout_s",
        metavar="SECONDS",
        type=click.FloatRange(0.1, 3600.0),
        default=DEFAULT_TIMEOUT_S,
        show_default=True,
        help="How long to wait for an answer.",
    ),
)
