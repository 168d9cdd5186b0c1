"""`cordwood produce`: lines, JSON or bytes become records of a topic.

Lives here: its options, what they mean together, and its exit codes. Must not live here: forms of input (`input`,
`formats`), the client (sending.py), what is told (reports.py).

Exit codes: those of all commands; 6 where some records were written and others were not, 130 after Ctrl-C.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import click
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import NewTopic

from cordwood.cli.client.completing import complete_topics
from cordwood.cli.client.connecting import Cluster
from cordwood.cli.client.errors import exit_of, failures_told
from cordwood.cli.client.offset_spec import BadOffset, parse_time
from cordwood.cli.client.options import Connection, connection_options
from cordwood.cli.records.filling import Filling
from cordwood.cli.records.finding import missing_topic
from cordwood.cli.records.formats.reading import record_reader
from cordwood.cli.records.formats.scanning import FormatError, unescape
from cordwood.cli.records.input.documents import read_json, read_json_lines
from cordwood.cli.records.input.feed import Feed, InputError
from cordwood.cli.records.input.files import STDIN, Patient, opened, total_bytes
from cordwood.cli.records.input.lines import read_lines, read_whole
from cordwood.cli.records.message import Header, Outgoing
from cordwood.cli.records.reports import reports_of
from cordwood.cli.records.sending import Sender
from cordwood.cli.records.stopping import Stop, stop_on_signals
from cordwood.cli.terminal.exits import Exit, fail, note, tell_error
from cordwood.cli.terminal.output import Output, output_option
from cordwood.cli.terminal.progress import progress
from cordwood.env.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Sequence

Read = Callable[[Feed], Iterator[Outgoing]]
"""A form of input."""

INTERRUPTED: Final = 130
JSON_INPUTS: Final = ("json", "jsonl")
INPUTS: Final[dict[str, Read]] = {
    "text": read_lines,
    "json": read_json,
    "jsonl": read_json_lines,
    "bytes": read_whole,
}


class Interrupted(Exception):
    """Somebody asked to stop while input was waited for."""


def _header(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[Header, ...]:
    """NAME=VALUE; a name alone has a null value."""
    headers = []
    for value in values:
        name, equals, text = value.partition("=")
        headers.append((name, text.encode("utf-8", "surrogateescape") if equals else None))
    return tuple(headers)


def _time(_context: click.Context, _parameter: click.Parameter, text: str | None) -> int | None:
    try:
        return None if text is None else parse_time(text, SystemClock().now_ms())
    except BadOffset as error:
        raise click.BadParameter(str(error)) from error


def _delimiter(_context: click.Context, _parameter: click.Parameter, text: str | None) -> bytes | None:
    try:
        return None if text is None else unescape(text)
    except FormatError as error:
        raise click.BadParameter(str(error)) from error


def _reader(
    _context: click.Context, _parameter: click.Parameter, text: str | None
) -> Callable[[Feed], Outgoing] | None:
    try:
        return None if text is None else record_reader(text)
    except FormatError as error:
        raise click.BadParameter(str(error)) from error


@click.command()
@click.argument("topic", shell_complete=complete_topics)
@click.argument("files", metavar="[FILE]...", nargs=-1)
@click.option("-i", "--input", "form", type=click.Choice(list(INPUTS)), help="What the input is.  [default: text]")
@click.option("-f", "--format", "reader", metavar="FORMAT", callback=_reader, help="Read records by a format string.")
@click.option("-k", "--key", metavar="KEY", help="The key of records that have none.")
@click.option("-K", "--key-delimiter", metavar="TEXT", callback=_delimiter, help="What stands between key and value.")
@click.option(
    "-H",
    "--header",
    "headers",
    metavar="NAME=VALUE",
    multiple=True,
    callback=_header,
    help="A header for every record.",
)
@click.option("-p", "--partition", metavar="N", type=click.IntRange(0), help="Where records go that say nothing of it.")
@click.option("--keep-partition", is_flag=True, help="Records in JSON go to the partition that they name.")
@click.option("--timestamp", "timestamp_ms", metavar="TIME", callback=_time, help="The time of all records, or now.")
@click.option("-Z", "--tombstone", is_flag=True, help="Empty values are null: tombstones.")
@click.option("--create", is_flag=True, help="Create the topic if it is not there.")
@click.option(
    "-z",
    "--compression",
    type=click.Choice(["none", "gzip", "snappy", "lz4", "zstd"]),
    default="none",
    show_default=True,
)
@click.option("--acks", type=click.Choice(["all", "1", "0"]), default="all", show_default=True)
@click.option(
    "--idempotence/--no-idempotence", default=None, help="Nothing twice, nothing out of order.  [default: on]"
)
@output_option
@connection_options
def produce(
    topic: str,
    files: tuple[str, ...],
    form: str | None,
    reader: Callable[[Feed], Outgoing] | None,
    key: str | None,
    key_delimiter: bytes | None,
    headers: tuple[Header, ...],
    partition: int | None,
    keep_partition: bool,
    timestamp_ms: int | None,
    tombstone: bool,
    create: bool,
    compression: str,
    acks: str,
    idempotence: bool | None,
    output: Output,
    connection: Connection,
) -> None:
    """Write the lines of files, or of standard input, to a topic: a record each.

    `--input jsonl` and `json` read what `consume -o jsonl` and `-o json` write, `--input bytes` makes a record of each
    file. Timestamps and headers of such records are kept; partitions only with --keep-partition. See
    docs/howto/produce-and-consume.md.
    """
    is_json = form in JSON_INPUTS
    if reader is not None and (form is not None or key_delimiter is not None):
        raise click.UsageError("--format goes neither with --input nor with --key-delimiter")
    if key_delimiter is not None and form not in (None, "text"):
        raise click.UsageError(f"--key-delimiter does not go with --input {form}")
    if keep_partition and not is_json:
        raise click.UsageError("--keep-partition is for --input json and jsonl")
    if idempotence and acks != "all":
        raise click.UsageError(f"--idempotence needs --acks all, not {acks}")
    read = _read(form or "text", reader, key_delimiter)
    filling = Filling(
        None if key is None else key.encode("utf-8", "surrogateescape"),
        headers,
        partition,
        timestamp_ms,
        tombstone,
        keep_partition or not is_json,
    )
    producer = {
        "compression.type": compression,
        "acks": acks,
        "enable.idempotence": acks == "all" if idempotence is None else idempotence,
    }
    total = _size(files or (STDIN,))
    with failures_told(connection):
        _check_topic(Cluster(connection), topic, partition, creates=create)
        with stop_on_signals() as stop:
            work = _Work(connection, topic, producer, output, stop)
            with progress("producing", total) as advance:
                work.send_all(files or (STDIN,), read, filling, advance)
            sys.exit(work.end())


def _read(form: str, reader: Callable[[Feed], Outgoing] | None, key_delimiter: bytes | None) -> Read:
    if reader is not None:
        return partial(_read_by_format, reader)
    return INPUTS[form] if key_delimiter is None else partial(read_lines, key_delimiter=key_delimiter)


def _read_by_format(reader: Callable[[Feed], Outgoing], feed: Feed) -> Iterator[Outgoing]:
    while not feed.is_at_end():
        yield reader(feed)


def _size(paths: Sequence[str]) -> int | None:
    """How much there is to read. Ends the program if a file cannot be read, before anything is sent."""
    try:
        return total_bytes(paths)
    except FileNotFoundError as error:
        fail(f"there is no {error.filename}", Exit.NOT_FOUND)
    except OSError as error:
        fail(f"{error.filename} cannot be read: {error.strerror}", Exit.ERROR)


def _check_topic(kafka: Cluster, topic: str, partition: int | None, *, creates: bool) -> None:
    """Ends the program if the topic is not there, or has no such partition."""
    (described,) = [found for _, found in kafka.topics([topic])]
    if not isinstance(described, KafkaError):
        if partition is not None and partition >= len(described.partitions):
            there = len(described.partitions)
            fail(f"{topic} has no partition {partition}: it has {there}, from 0 on", Exit.NOT_FOUND)
        return
    code = exit_of(described)
    if code is not Exit.NOT_FOUND:
        fail(missing_topic(topic, described), code)
    if not creates:
        fail(f"{missing_topic(topic, described)}; --create makes it", code)
    for _, outcome in kafka.outcomes(kafka.admin.create_topics([NewTopic(topic)])):
        if isinstance(outcome, KafkaError) and outcome.name() != "TOPIC_ALREADY_EXISTS":
            raise KafkaException(outcome)


class _Work:
    """From input to the end: everything is sent, acknowledged or told."""

    def __init__(
        self, connection: Connection, topic: str, producer: dict[str, Any], output: Output, stop: Stop
    ) -> None:
        self._reports = reports_of(output)
        self._sender = Sender(connection, topic, producer, self._reports.tell)
        self._stop = stop
        self._code = Exit.OK

    def send_all(self, paths: Sequence[str], read: Read, filling: Filling, advance: Callable[[int], None]) -> None:
        """Sends the records of all files, and waits until they are acknowledged or have failed."""
        try:
            for path in paths:
                if not self._stop.is_asked and self._code is Exit.OK:
                    self._send_file(path, read, filling, advance)
            self._sender.flush()
        except KeyboardInterrupt:  # Somebody asked twice.
            self._sender.give_up()

    def end(self) -> int:
        """Tells what became of all, and returns the exit code."""
        sums = self._sender.sums
        self._reports.end(sums)
        for words, _, records in sums.refusals:
            tell_error(f"{records} of {sums.sent} records failed: {words}")
        if self._stop.is_asked:
            note(f"interrupted: {sums.acknowledged} records are written, {sums.sent - sums.acknowledged} are not")
            return INTERRUPTED
        if self._code is not Exit.OK and sums.acknowledged:
            return Exit.PARTIAL
        return self._code or sums.code

    def _send_file(self, path: str, read: Read, filling: Filling, advance: Callable[[int], None]) -> None:
        before = self._sender.sums.sent
        with opened(path) as file:
            if file.isatty():
                note("each line is a record; Ctrl-D ends")
            records = read(Feed(Patient(file, self._idle), advance))
            try:
                self._send(records if filling.changes_nothing else map(filling.fill, records))
            except Interrupted:
                return
            except InputError as error:
                where = "standard input" if path == STDIN else path
                tell_error(f"{where}, record {self._sender.sums.sent - before + 1}: {error}")
                self._code = Exit.ERROR

    def _send(self, records: Iterator[Outgoing]) -> None:
        send, stop = self._sender.send, self._stop
        for record in records:
            send(record)
            if stop.is_asked:
                return

    def _idle(self) -> None:
        """While input is waited for: reports are taken, and questions to stop."""
        self._sender.poll()
        self._reports.flush()
        if self._stop.is_asked:
            raise Interrupted
