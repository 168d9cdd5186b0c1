"""`python -m cordwood` is the `cordwood` command."""

from __future__ import annotations

import subprocess
import sys

import cordwood


def test_the_module_is_the_command():
    command = [sys.executable, "-m", "cordwood", "--version"]
    assert (
        subprocess.run(command, check=True, capture_output=True, text=True).stdout
        == f"cordwood {cordwood.__version__}\n"
    )
