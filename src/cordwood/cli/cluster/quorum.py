"""`cordwood cluster status`, `add`, `remove` and `transfer-leader`: a cluster that runs.

Lives here: options, what is asked, exit codes. Must not live here: the way to the leader (quorum_client.py), tables
(quorum_text.py).

Exit codes: 0 done, 1 the cluster refuses or its answer was lost, 2 wrong usage, 5 nobody could be asked.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import click

from cordwood.cli.client.options import DEFAULT_SERVERS, SERVERS_VARIABLE
from cordwood.cli.cluster.quorum_client import Answer, ClusterClient, Refused, Unreachable
from cordwood.cli.cluster.quorum_request import outcome_of, quorum_request
from cordwood.cli.cluster.quorum_text import status_sections, status_value
from cordwood.cli.terminal.exits import Exit, errors_told, fail
from cordwood.cli.terminal.output import Output, output_option, show
from cordwood.node.addresses import HostPort, parse_host_port
from cordwood.node.listeners import SERVED
from cordwood.node.voters import Voter, parse_voter
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages import add_raft_voter, remove_raft_voter
from cordwood.wire.messages.transfer_leadership import TransferLeadershipRequest
from cordwood.wire.messages.unregister_broker import UnregisterBrokerRequest
from cordwood.wire.schema import NO_UUID, Message

UUID_BYTES: Final = 16
CHANGE_S: Final = 30.0
"""How long a broker gives a change that cannot say so in its request."""

F = TypeVar("F", bound=Callable[..., Any])


# Options.


def _places(_context: click.Context, _parameter: click.Parameter, text: str) -> tuple[HostPort, ...]:
    """HOST:PORT, several with commas between them."""
    try:
        places = tuple(parse_host_port(part) for part in text.split(","))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    if any(not place.host or not place.port for place in places):
        raise click.BadParameter(f"{text!r} names no host and port that could be reached")
    return places


def _member(_context: click.Context, _parameter: click.Parameter, text: str) -> Voter:
    """NODE@HOST:PORT."""
    try:
        return parse_voter(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _directory(_context: click.Context, _parameter: click.Parameter, text: str | None) -> bytes:
    """16 bytes in Base64, as `status` shows them."""
    if text is None:
        return NO_UUID
    try:
        decoded = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        decoded = b""
    if len(decoded) != UUID_BYTES:
        raise click.BadParameter(f"{text!r} is no directory id: take one as `cordwood cluster status` shows it")
    return decoded


def cluster_options(command: F) -> F:
    """Whom to ask, and how long."""
    command = click.option(
        "--timeout",
        "timeout_s",
        type=click.FloatRange(0.1, 3600.0),
        default=10.0,
        show_default=True,
        metavar="SECONDS",
        help="How long to look for somebody to ask.",
    )(command)
    return click.option(
        "-b",
        "--bootstrap-servers",
        "--bootstrap-server",
        "bootstrap",
        metavar="HOST:PORT,...",
        envvar=SERVERS_VARIABLE,
        default=DEFAULT_SERVERS,
        show_default=True,
        callback=_places,
        help="Brokers of the cluster, any of them.",
    )(command)


change_option: Final = click.option(
    "--change-timeout", "change_s", type=click.FloatRange(0.1, 600.0), default=60.0, show_default=True,
    metavar="SECONDS", help="How long the change may take.",
)  # fmt: skip
directory_option: Final = click.option(
    "--directory-id", metavar="ID", callback=_directory, help="The directory of the node, if it is to be no other."
)


# Commands.


@click.command()
@cluster_options
@output_option
def status(bootstrap: tuple[HostPort, ...], timeout_s: float, output: Output) -> None:
    """Show who votes on the metadata, who leads, and how far each has come."""
    client = ClusterClient(bootstrap, timeout_s)
    with _told():
        view = client.view()
        response = client.ask_leader(quorum_request(), 2, outcome_of)
        quorum = outcome_of(response)
        if response.error_code or quorum.error_code:
            raise Refused(ErrorCode(response.error_code or quorum.error_code), quorum.error_message or "")
    value = status_value(view, response)
    show(output, value, lambda: status_sections(value))


@click.command()
@click.argument("node", metavar="NODE@HOST:PORT", callback=_member)
@directory_option
@cluster_options
@change_option
def add(node: Voter, directory_id: bytes, bootstrap: tuple[HostPort, ...], timeout_s: float, change_s: float) -> None:
    """Give a node a vote: it must run and wait to be added, or be a broker of the cluster.

    It gets all metadata first, and votes when it has caught up.
    """
    request = add_raft_voter.AddRaftVoterRequest(
        timeout_ms=round(change_s * 1000),
        voter_id=node.id,
        voter_directory_id=directory_id,
        listeners=[add_raft_voter.Listener(name=SERVED[0], host=node.place.host, port=node.place.port)],
    )
    _change(ClusterClient(bootstrap, timeout_s), request, 1, change_s)
    click.echo(f"node {node.id} votes now", err=True)


@click.command()
@click.argument("node", type=click.IntRange(0))
@directory_option
@click.option("--unregister", is_flag=True, help="It is gone for good: take it out of the cluster as a broker, too.")
@cluster_options
def remove(node: int, directory_id: bytes, unregister: bool, bootstrap: tuple[HostPort, ...], timeout_s: float) -> None:
    """Take a node's vote. As a broker it stays, and goes on following the metadata."""
    request = remove_raft_voter.RemoveRaftVoterRequest(voter_id=node, voter_directory_id=directory_id)
    tolerated = frozenset({ErrorCode.VOTER_NOT_FOUND}) if unregister else frozenset()
    _change(ClusterClient(bootstrap, timeout_s), request, 0, CHANGE_S, tolerated)
    click.echo(f"node {node} votes no more", err=True)
    if unregister:
        _change(ClusterClient(bootstrap, timeout_s), UnregisterBrokerRequest(broker_id=node), 0, CHANGE_S)
        click.echo(f"broker {node} is no part of the cluster any more: do not start it again", err=True)


@click.command("transfer-leader")
@click.argument("node", type=click.IntRange(0))
@cluster_options
@change_option
def transfer_leader(node: int, bootstrap: tuple[HostPort, ...], timeout_s: float, change_s: float) -> None:
    """Have another voter lead the quorum, for example before the leader is stopped."""
    request = TransferLeadershipRequest(timeout_ms=round(change_s * 1000), target_id=node)
    _change(ClusterClient(bootstrap, timeout_s), request, 0, change_s)
    click.echo(f"node {node} leads now", err=True)


def _change(
    client: ClusterClient,
    request: Message,
    version: int,
    change_s: float,
    tolerated: frozenset[ErrorCode] = frozenset(),
) -> None:
    """Has the leader make a change; ends the program where it does not."""
    with _told():
        answer: Answer = client.ask_leader(request, version, lambda response: response, change_s)
        if answer.error_code and answer.error_code not in tolerated:
            raise Refused(ErrorCode(answer.error_code), answer.error_message or "the cluster gives no reason")


@contextmanager
def _told() -> Iterator[None]:
    with errors_told():
        try:
            yield
        except Unreachable as error:
            fail(str(error), Exit.CONNECT)
