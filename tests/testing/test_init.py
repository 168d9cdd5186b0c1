"""The package gives its server without loading the broker before it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import cordwood.testing


def test_the_server_is_found_late() -> None:
    code = (
        "import sys, cordwood.testing, cordwood.testing.plugin; early = 'cordwood.node.node' in sys.modules; "
        "cordwood.testing.Server; print(early, 'cordwood.node.node' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False True\n"


def test_other_names_are_errors() -> None:
    with pytest.raises(AttributeError, match="Sevrer"):
        _ = cordwood.testing.Sevrer
