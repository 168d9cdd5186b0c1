"""`cordwood consume`: records of topics on standard output.

Lives here: its options, what they mean together, and its exit codes. Must not live here: clients (sources.py), words and
bytes for records (showing.py).

Exit codes: those of all commands. Following has no end, so that Ctrl-C is a good one: 0. Elsewhere it is 130.
"""

from __future__ import annotations

import re
import sys
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Final

import click

from cordwood.cli.client.completing import complete_groups, complete_topics
from cordwood.cli.client.connecting import Cluster
from cordwood.cli.client.errors import failures_told
from cordwood.cli.client.offset_spec import BadOffset, End, OffsetRange, Start, parse_range
from cordwood.cli.client.options import Connection, connection_options
from cordwood.cli.records.finding import find_topics, find_windows, is_pattern
from cordwood.cli.records.json_record import Decoder
from cordwood.cli.records.showing import form_of
from cordwood.cli.records.sources import Group, Partitions, Reading, Source
from cordwood.cli.records.stdout import reader_may_leave, write
from cordwood.cli.records.stopping import Stop, stop_on_signals
from cordwood.cli.records.windows import Wanted
from cordwood.cli.terminal.exits import Exit, note
from cordwood.cli.terminal.output import Output, output_option
from cordwood.cli.terminal.progress import Unit, progress
from cordwood.env.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from cordwood.cli.records.message import Message
    from cordwood.cli.records.streams import Form

INTERRUPTED: Final = 130
"""As shells have it for what SIGINT ended."""

UNLIMITED: Final = 1 << 62
DECODERS: Final = click.Choice([decoder.value for decoder in Decoder])


def _range(_context: click.Context, _parameter: click.Parameter, text: str) -> OffsetRange:
    try:
        return parse_range(text, SystemClock().now_ms())
    except BadOffset as error:
        raise click.BadParameter(str(error)) from error


def _numbers(_context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]) -> frozenset[int] | None:
    for text in texts:
        if not re.fullmatch(r"[0-9]+(,[0-9]+)*", text):
            raise click.BadParameter(f"{text!r} are no partitions: write 0,1,2")
    return frozenset(int(number) for text in texts for number in text.split(",")) or None


@click.command()
@click.argument("topics", metavar="TOPIC...", nargs=-1, required=True, shell_complete=complete_topics)
@click.option(
    "-O",
    "--offset",
    "offsets",
    metavar="RANGE",
    default="start",
    show_default=True,
    callback=_range,
    help="start, end, an offset, -N (the last N), @TIME; or A:B with such points, B left out.",
)
@click.option(
    "-p", "--partition", "partitions", metavar="N,N...", multiple=True, callback=_numbers, help="Only these partitions."
)
@click.option("-n", "--count", metavar="N", type=click.IntRange(1), help="Stop after so many records.")
@click.option("-e", "--exit", "stops_at_end", is_flag=True, help="Stop at the end as it is now.")
@click.option("--follow", is_flag=True, help="Wait for what is to come, even with an end in --offset.")
@click.option("-f", "--format", "layout", metavar="FORMAT", help="Write records by a format string, as '%k %v\\n'.")
@output_option
@click.option("--key", "key", type=DECODERS, default="text", show_default=True, help="How keys are shown.")
@click.option("--value", "value", type=DECODERS, default="text", show_default=True, help="How values are shown.")
@click.option(
    "-g", "--group", metavar="GROUP", shell_complete=complete_groups, help="Join a group, and commit offsets there."
)
@click.option(
    "--isolation",
    type=click.Choice(["read_committed", "read_uncommitted"]),
    default="read_committed",
    show_default=True,
    help="Whether transactions count before they are committed.",
)
@connection_options
def consume(
    topics: tuple[str, ...],
    offsets: OffsetRange,
    partitions: frozenset[int] | None,
    count: int | None,
    stops_at_end: bool,
    follow: bool,
    layout: str | None,
    output: Output,
    key: str,
    value: str,
    group: str | None,
    isolation: str,
    connection: Connection,
) -> None:
    """Write the records of topics to standard output.

    Follows the topics unless --exit, --count or an end in --offset says where to stop. A TOPIC that begins with ^ is a
    regular expression. Formats are described in docs/howto/format-strings.md, JSON in docs/howto/produce-and-consume.md.
    """
    _check_together(
        {
            "--exit and --follow": stops_at_end and follow,
            "--format and --output": layout is not None and output is not Output.TABLE,
            "--format and --key": layout is not None and key != Decoder.TEXT,
            "--format and --value": layout is not None and value != Decoder.TEXT,
            "--group and --partition": group is not None and partitions is not None,
        }
    )
    form = _form(layout, output, Decoder(key), Decoder(value), topics)
    reading = Reading(connection, isolation)
    wanted = Wanted(offsets.start, offsets.end, stops_at_end, follow)
    reset = None if group is None else _reset(offsets)
    code: int = Exit.OK
    with failures_told(connection), reader_may_leave():
        kafka = Cluster(connection)
        if group is None or reset is None:
            is_committed = isolation == "read_committed"
            windows = find_windows(kafka, topics, partitions, wanted, is_committed=is_committed)
            total = windows.total
            code = _run(lambda: Partitions(reading, windows), form, count, total, is_endless=total is None)
        else:
            find_topics(kafka, [topic for topic in topics if not is_pattern(topic)])  # A group would wait in silence.
            joined = partial(Group, reading, topics, group, reset, stops_at_end=stops_at_end)
            code = _run(joined, form, count, None, is_endless=not stops_at_end)
    sys.exit(code)


# What the options mean.


def _check_together(pairs: dict[str, bool]) -> None:
    for pair, is_given in pairs.items():
        if is_given:
            raise click.UsageError(f"{pair} do not go together")


def _form(layout: str | None, output: Output, key: Decoder, value: Decoder, topics: tuple[str, ...]) -> Form[Message]:
    if layout is None:
        return form_of(output, key, value, shows_topic=len(topics) > 1 or is_pattern(topics[0]))
    from cordwood.cli.records.formats.scanning import FormatError
    from cordwood.cli.records.formats.writing import Formatted

    try:
        return Formatted(layout)
    except FormatError as error:
        raise click.BadParameter(str(error), param_hint="--format") from error


def _reset(offsets: OffsetRange) -> str:
    """Where a group begins that has no offsets yet; where it has some, it goes on there."""
    if offsets.end is None and isinstance(offsets.start, Start | End):
        return "earliest" if isinstance(offsets.start, Start) else "latest"
    raise click.UsageError("a group goes on where it is: with --group only --offset start and end have a meaning")


# The work.


def _run(
    source_of: Callable[[], Source], form: Form[Message], count: int | None, total: int | None, *, is_endless: bool
) -> int:
    """Consumes to the end, whichever that is, and returns the exit code. `total` is how much there is, if it is known."""
    if count is not None:
        total, is_endless = count if total is None else min(total, count), False
    if is_endless and sys.stderr.isatty():
        note("following; Ctrl-C ends it")
    write(form.begin())
    with stop_on_signals() as stop, closing(source_of()) as source:
        shows_progress = total is not None and not sys.stdout.isatty()
        with progress("consuming", total, Unit.RECORDS, is_wanted=shows_progress) as advance:
            done = _pump(source, form, count, stop, advance)
        write(form.end())
    if not stop.is_asked or is_endless:
        return Exit.OK
    note(f"interrupted after {done} records")
    return INTERRUPTED


def _pump(source: Source, form: Form[Message], count: int | None, stop: Stop, advance: Callable[[int], None]) -> int:
    done = 0
    while not stop.is_asked and done != count:
        messages = source.batch(UNLIMITED if count is None else count - done)
        if messages is None:
            break
        write(form.some(messages))
        source.written(messages)
        done += len(messages)
        advance(len(messages))
    return done
