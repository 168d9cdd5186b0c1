"""What has settings in a cluster."""

from __future__ import annotations

import subprocess
import sys

from cordwood.cli.client.kinds import Kind


def test_kinds_have_names():
    assert [str(kind) for kind in Kind] == ["topic", "broker", "group", "client-metrics", "broker-loggers"]


def test_options_do_not_wait_for_the_client_library():
    code = "import sys, cordwood.cli.client.kinds, cordwood.cli.client.options; print('confluent_kafka' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
