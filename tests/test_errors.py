"""The checks of numbers that settings share, and the hints of error messages."""

import math
from fractions import Fraction

import numpy as np
import pytest

from mmneglabel.errors import ConfigError, did_you_mean, flag, not_negative, positive, whole


class Knob:
    turn = 0.5


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (
            positive,
            (1, 1e-9, np.float32(2), Fraction(1, 3), 10**400),
            (0, -1, math.inf, math.nan, True, "1", None, [1]),
        ),
        (not_negative, (0, 0.5), (-1e-9, -math.inf, math.inf, math.nan, False)),
        (flag, (True, False), (0, 1, "no", None)),
        (whole, (1, 2**70), (0, -1, 1.0, True, "1", None, math.nan)),
    ],
)
def test_numbers(check, good, bad):
    for value in good:
        check(Knob(), turn=value)
    for value in bad:
        with pytest.raises(ConfigError, match=r"Knob: turn must be .*; the default is 0\.5"):
            check(Knob(), turn=value)


def test_the_first_that_does_not_fit_is_named():
    with pytest.raises(ConfigError, match="Knob: other must be an integer above 4, got 4"):
        whole(Knob(), least=5, turn=5, other=4)


def test_names_what_is_close_whatever_its_case():
    assert did_you_mean("openAI", ["openai", "laion2b", "opnai"]) == "did you mean 'openai' or 'opnai'?"


def test_names_what_is_known_where_nothing_is_close():
    assert did_you_mean("zzz", ["b", "a"]) == "known: a, b"
    assert did_you_mean("zzz", []) == "known: none"
    assert did_you_mean("zzz", map(str, range(100))).endswith(" and 80 more")
