"""Both dice keep to their ranges; the seeded one repeats itself and the system's one does not."""

from __future__ import annotations

import pytest

from cordwood.env.dice import Dice, SeededDice, SystemDice

DICE = pytest.mark.parametrize("dice", [SystemDice(), SeededDice(7)], ids=["system", "seeded"])


def throws(dice: Dice) -> tuple[list[int], bytes]:
    """Some throws of each kind."""
    return [dice.below(1 << 60) for _ in range(10)], dice.token(16)


@DICE
def test_throws_are_below_the_limit_and_all_come(dice):
    assert {dice.below(3) for _ in range(200)} == {0, 1, 2}
    assert dice.below(1) == 0


@DICE
def test_nothing_is_below_zero(dice):
    with pytest.raises(ValueError):  # noqa: PT011 - the words are the standard library's
        dice.below(0)


@DICE
@pytest.mark.parametrize("size", [0, 1, 16, 1000])
def test_tokens_have_their_size(dice, size):
    assert len(dice.token(size)) == size


def test_a_seed_repeats_its_throws():
    assert throws(SeededDice(1)) == throws(SeededDice(1))
    assert throws(SeededDice(1)) != throws(SeededDice(2))


def test_the_system_does_not_repeat_itself():
    assert throws(SystemDice()) != throws(SystemDice())
