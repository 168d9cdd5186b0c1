"""Sessions of documents are found, compared and written down."""

from __future__ import annotations

import pytest

from tests.scenarios.documents.console import Step, blocks, play, results, stable, steps

PAGE = """# A page

```console
$ echo a b
a b
$ true

$ echo 2026-11-21T17:00:00.000Z
2025-01-01T00:00:00.000Z
```

```python
print(1)  # -> 1
```
"""


def echo(command):
    return [command.removeprefix("echo ")] if command.startswith("echo") else []


def test_steps_of_a_block():
    (block,) = blocks(PAGE, "console")
    assert steps(block) == [
        Step("echo a b", ("a b",)),
        Step("true", (), 1),
        Step("echo 2026-11-21T17:00:00.000Z", ("2025-01-01T00:00:00.000Z",)),
    ]


def test_output_may_have_empty_lines_inside():
    assert steps("$ a\nx\n\ny\n\n$ b\n") == [Step("a", ("x", "", "y"), 1), Step("b", ())]


def test_a_block_that_does_not_begin_with_a_command():
    with pytest.raises(ValueError, match="begins with"):
        steps("x\n$ a\n")


def test_a_page_that_is_right_stays_as_it_is():
    assert play(PAGE, echo) == PAGE


def test_a_page_that_is_wrong_is_corrected():
    wrong = PAGE.replace("\na b\n", "\na c\nmore\n")
    assert play(wrong, echo) == PAGE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("at 2025-01-01T00:00:00.000Z x", "at 2026-01-01T00:00:00.001Z x"),
        ('{"timestamp_ms":1700000000000}', '{"timestamp_ms":1700000000001}'),
        ("id  579EjRuuFrbQHlgvTBH5pg", "id  679EjRuuFrbQHlgvTBH5pg"),
        ("Id: XXlg5QHZA08/QaED5ePJJA", "Id: 3mioBUJq4XQFv87aJIYlig"),
        ("took 3 ms", "took 12.5 ms"),
    ],
)
def test_what_differs_from_run_to_run_is_not_compared(one, other):
    assert stable(one) == stable(other)


def test_what_does_not_differ_is_compared():
    assert stable("offset 3") != stable("offset 4")


def test_what_a_program_prints():
    (program,) = blocks(PAGE, "python")
    assert results(program) == ["1"]
