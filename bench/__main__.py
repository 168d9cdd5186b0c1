"""The command line: `python -m bench [--quick] [--only MEASURE] [--subjects NAME[:POLICY],...]`.

Tables and progress go to stderr, one JSON document to stdout.
"""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bench import machine, places, report
from bench.catalogue import MEASURES, SUBJECTS
from bench.generator import BenchError
from bench.lab import FULL, QUICK, Lab
from bench.results import Results
from bench.subjects.base import Subject

_PLAIN_WIDTH = 180
"""Columns when stderr is a file: tables are not broken."""


def _chosen(text: str | None) -> list[tuple[type[Subject], str]]:
    """`kafka,cordwood:os` as servers with their policies; everything when nothing is said."""
    chosen: list[tuple[type[Subject], str]] = []
    for word in (text or ",".join(SUBJECTS)).split(","):
        name, _, policy = word.partition(":")
        kind = SUBJECTS.get(name)
        if kind is None or (policy and policy not in kind.policies):
            known = ", ".join(f"{one.name}:{'|'.join(one.policies)}" for one in SUBJECTS.values())
            raise click.BadParameter(f"{word} is none of {known}", param_hint="--subjects")
        chosen += [(kind, one) for one in ([policy] if policy else kind.policies)]
    return chosen


def _able(chosen: list[tuple[type[Subject], str]], results: Results) -> list[tuple[type[Subject], str]]:
    """Those that can run here; notes the reasons for the others."""
    reasons = {kind: kind.missing() for kind, _ in chosen}
    results.missing |= {kind.name: reason for kind, reason in reasons.items() if reason}
    return [(kind, policy) for kind, policy in chosen if not reasons[kind]]


def _print_list(console: Console) -> None:
    for measure in MEASURES.values():
        console.print(f"[bold]{measure.name:10}[/bold] {measure.document}", highlight=False)
    for kind in SUBJECTS.values():
        reason = kind.missing()
        console.print(f"\n[bold]{kind.name}[/bold] {reason or kind.version()}", highlight=False)
        for policy, meaning in kind.policies.items():
            console.print(f"  {policy:9} {meaning}", highlight=False)


@click.command()
@click.option("--quick", is_flag=True, help="One short round of each: a few minutes instead of most of an hour.")
@click.option("--only", multiple=True, type=click.Choice(list(MEASURES)), help="Take only this measure; repeatable.")
@click.option("--subjects", help="Servers, each with a policy or with all of them: cordwood,kafka:os,redis")
@click.option("--directory", type=click.Path(path_type=Path), help="Where the servers keep their data.")
@click.option("--list", "list_all", is_flag=True, help="Print what can be measured, and on what, and stop.")
def main(quick: bool, only: tuple[str, ...], subjects: str | None, directory: Path | None, list_all: bool) -> None:
    """Measures Cordwood beside Apache Kafka, Redis Streams and RabbitMQ Streams doing the same work in the same run."""
    console = Console(stderr=True, width=None if sys.stderr.isatty() else _PLAIN_WIDTH)
    if list_all:
        _print_list(console)
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # No server is left running.
    results = Results()
    able = _able(_chosen(subjects), results)
    if not able and set(only) != {"embedded"}:
        raise click.ClickException(f"nothing to measure: {results.missing}")
    home = (directory or places.RUNS).resolve()
    home.mkdir(parents=True, exist_ok=True)
    facts = machine.describe(home, list(dict.fromkeys(kind for kind, _ in able)))
    report.print_facts(console, facts)
    columns = (SpinnerColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        lab = Lab(QUICK if quick else FULL, able, home, results, progress, console)
        _measure(lab, only or tuple(MEASURES))
    report.print_missing(console, results)
    json.dump({"machine": facts, "quick": quick, **results.as_json()}, sys.stdout, indent=1)
    print()


def _measure(lab: Lab, names: tuple[str, ...]) -> None:
    """Takes the measures; what was found so far is reported even when the user stops it."""
    try:
        for name in names:
            try:
                MEASURES[name].run(lab)
            except BenchError as error:
                lab.failed(name, "stopped", error)
            finally:
                report.print_measure(lab.console, lab.results, name)
    except KeyboardInterrupt:
        lab.results.failures.append("interrupted: the rest was not measured")


if __name__ == "__main__":
    main()
