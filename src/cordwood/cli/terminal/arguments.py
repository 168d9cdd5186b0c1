"""Options that many commands have in common, and the question before something is lost.

Lives here: --dry-run, --yes and paths. Must not live here: options of one command, or of the way to a cluster.
"""

from __future__ import annotations

import sys
from typing import Final

import click

from cordwood.cli.terminal.exits import Exit, note

dry_run_option: Final = click.option(
    "--dry-run", is_flag=True, help="Say what would be done, and do nothing."
)  # fmt: skip
yes_option: Final = click.option("--yes", "-y", is_flag=True, help="Do not ask.")


def confirm(question: str, *, yes: bool) -> None:
    """Asks whoever sits at a terminal, and ends the program unless the answer is yes.

    `yes` is the answer given before. Where nobody can answer, a program has decided, and nothing is asked.
    """
    if yes or not can_answer():
        return
    try:
        agreed = click.confirm(question, err=True)
    except click.Abort:
        note("")
        agreed = False
    if not agreed:
        note("nothing was done")
        sys.exit(Exit.ERROR)


def can_answer() -> bool:
    """Whether somebody sits there who could."""
    return sys.stdin.isatty()


def plain(path: str) -> str:
    """A path without the slash that shells add to directories."""
    return path.rstrip("/") or "/"
