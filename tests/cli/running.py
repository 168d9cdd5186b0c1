"""Running a command in this process, against a broker."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from cordwood.cli.main import main
from cordwood.testing import Server


def run(server: Server | None, *arguments: str, stdin: str | None = None) -> Result:
    """`cordwood` with these arguments; with `server` as the cluster, unless there is none to ask."""
    servers = [] if server is None else ["-b", server.bootstrap_servers]
    return CliRunner().invoke(main, [*arguments, *servers], input=stdin, catch_exceptions=False)


def run_json(server: Server | None, *arguments: str) -> Any:
    """The JSON document that a command writes; it must end well, and say nothing else."""
    done = run(server, *arguments, "-o", "json")
    assert (done.exit_code, done.stderr) == (0, ""), done.stderr
    return json.loads(done.stdout)
