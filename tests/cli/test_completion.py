"""Shells complete commands, options and names."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cordwood.cli.completion import SHELLS, VARIABLE
from cordwood.cli.main import main
from tests.cli.running import run
from tests.cli.topic.kit import create

BASH = """
eval "$(cordwood completion bash)"
complete -p cordwood
type_words() {
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _cordwood_completion cordwood
    echo "${COMPREPLY[*]}"
}
"""


@pytest.fixture(scope="module")
def bash(tmp_path_factory):
    """What bash makes of words as they are typed, each list of them in a line of a script."""
    programs = tmp_path_factory.mktemp("bin")
    (programs / "cordwood").write_text(f"#!{sys.executable}\nfrom cordwood.cli.main import main\nmain()\n")
    (programs / "cordwood").chmod(0o755)
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}

    def typed(*lines):
        script = BASH + "".join(f"type_words {line}\n" for line in lines)
        done = subprocess.run(
            ["bash", "--norc", "-c", script], capture_output=True, text=True, check=True, env=environment, timeout=60
        )
        assert done.stderr == ""
        registered, *answers = done.stdout.splitlines()
        assert registered == "complete -o nosort -F _cordwood_completion cordwood"
        return answers

    return typed


def test_bash(server, bash):
    create(server, "orders", "orders-old", "plain")
    host, _, port = server.bootstrap_servers.partition(":")
    there = f"-b {host} : {port} --timeout 60"
    assert bash(
        "cordwood to",
        "cordwood topic de",
        f"cordwood topic describe {there} ord",
        f"cordwood config get retention.ms {there} --topic pl",
        "cordwood topic describe --timeo",
        'cordwood topic list -o ""',
    ) == ["topic", "delete describe", "orders orders-old", "plain", "--timeout", "table json jsonl yaml"]


@pytest.mark.parametrize(
    ("shell", "variables", "answer"),
    [
        ("zsh", {"COMP_WORDS": "cordwood topic de", "COMP_CWORD": "2"}, "plain\ndelete\nDelete topics and all"),
        ("fish", {"COMP_WORDS": "cordwood topic de", "COMP_CWORD": "de"}, "plain\ndelete\nDelete topics and all"),
    ],
)
def test_other_shells(shell, variables, answer):
    done = CliRunner().invoke(main, [], prog_name="cordwood", env={VARIABLE: f"{shell}_complete", **variables})
    assert done.exit_code == 0
    assert done.stdout.replace(",", "\n").replace("\t", "\n").startswith(answer)


@pytest.mark.parametrize("shell", list(SHELLS))
def test_a_script_calls_the_program(shell):
    done = run(None, "completion", shell)
    assert (done.exit_code, done.stderr) == (0, "")
    assert f"{VARIABLE}={shell}_complete" in done.stdout
    assert "_cordwood_completion" in done.stdout


def test_the_script_is_bash(tmp_path: Path):
    script = tmp_path / "script"
    script.write_text(run(None, "completion", "bash").stdout)
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_the_help_says_where_to_put_it():
    said = run(None, "completion", "--help").stdout
    assert '  bash, in ~/.bashrc:                    eval "$(cordwood completion bash)"\n' in said


def test_wrong_usage():
    assert run(None, "completion").exit_code == 2
    assert run(None, "completion", "csh").exit_code == 2


def test_commands_are_completed_without_loading_them():
    code = (
        "import sys; from click.testing import CliRunner; from cordwood.cli.main import main; "
        "done = CliRunner().invoke(main, [], prog_name='cordwood', env={'_CORDWOOD_COMPLETE': 'bash_complete', "
        "'COMP_WORDS': 'cordwood ', 'COMP_CWORD': '1'}); "
        "print('plain,serve' in done.output, [m for m in ('uvloop', 'confluent_kafka') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True []\n"
