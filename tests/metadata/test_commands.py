"""Commands keep their bytes, and take effect on their base alone.

`python -m tests.metadata.test_commands` writes the golden file when it is missing. A line of it is never rewritten: a
format that changed has a new version.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordwood.metadata import EMPTY, commands, encode
from cordwood.metadata.commands import Command
from cordwood.metadata.records import ClusterRecord, ConfigRecord
from cordwood.metadata.replay import Draft
from cordwood.model.errors import InvalidMetadata

FILE: Final = Path(__file__).parents[1] / "golden" / "metadata" / "commands-v1.hex"

COMMANDS: Final = (
    Command(0, b"01234567", 1, (encode(ClusterRecord("MkU3OEVBNTcwNTJENDM2Qk")),)),
    Command(
        1 << 40, bytes(8), 1 << 33, (encode(ConfigRecord(4, "", "a", "1")), encode(ConfigRecord(4, "7", "b", None)))
    ),
    Command(5, b"\xff" * 8, 0, ()),
)


@pytest.mark.parametrize("index", range(len(COMMANDS)))
def test_the_golden_file_is_read_and_written_alike(index):
    written = bytes.fromhex(FILE.read_text("ascii").splitlines()[index])
    assert commands.decode(written) == COMMANDS[index]
    assert commands.encode(COMMANDS[index]) == written


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x02\x94", b"\x01\xc0", b"\x01" + commands.encode(COMMANDS[0])[1:-1]])
def test_what_is_no_command_is_told(data):
    with pytest.raises(InvalidMetadata):
        commands.decode(data)


@settings(max_examples=100)
@given(st.binary(max_size=60))
def test_noise_is_a_command_or_told(data):
    try:
        command = commands.decode(data)
    except InvalidMetadata:
        return
    assert commands.decode(commands.encode(command)) == command


def test_a_command_takes_effect_on_its_base_alone():
    draft = Draft(EMPTY)
    assert not commands.take_effect(draft, COMMANDS[1], 8)
    assert draft.revision == 0
    assert commands.take_effect(draft, COMMANDS[0], 8)
    assert not commands.take_effect(draft, COMMANDS[0], 9)
    image = draft.image()
    assert (image.revision, image.cluster_id) == (8, "MkU3OEVBNTcwNTJENDM2Qk")


if __name__ == "__main__" and not FILE.exists():
    FILE.write_text("".join(f"{commands.encode(command).hex()}\n" for command in COMMANDS), "ascii")
