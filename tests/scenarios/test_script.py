"""Scripts are compared and recorded."""

from __future__ import annotations

import pytest

from tests.scenarios.script import check, parse, play

TEXT = """# A script.
say a
----
a

# Nothing comes of this.
say
----
ok
"""


class Echo:
    """Says what it is told to."""

    def run(self, command: str) -> list[str]:
        return command.split()[1:]


def test_a_script_that_is_right_stays_as_it_is(tmp_path):
    path = tmp_path / "script.txt"
    path.write_text(TEXT)
    check(path, Echo(), rewrite=False)
    assert play(TEXT, Echo()) == TEXT


def test_a_script_that_is_wrong_is_noticed_and_recorded(tmp_path):
    path = tmp_path / "script.txt"
    path.write_text(TEXT.replace("\na\n", "\nb\nc\n"))
    with pytest.raises(AssertionError, match="--rewrite"):
        check(path, Echo(), rewrite=False)
    check(path, Echo(), rewrite=True)
    assert path.read_text() == TEXT


def test_comments_belong_to_the_command_behind_them():
    steps, after = parse(TEXT + "\n# The end.\n")
    assert [step.command for step in steps] == ["say a", "say"]
    assert steps[0].recorded == ("a",)
    assert steps[1].before == ("", "# Nothing comes of this.")
    assert after == ("", "# The end.")


def test_a_command_without_a_fence():
    with pytest.raises(ValueError, match="line 3"):
        parse("# One.\n\nsay a\nsay b\n")
