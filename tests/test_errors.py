"""The checks of numbers that settings share."""

import math
from fractions import Fraction

import numpy as np
import pytest

from mmneglabel.errors import ConfigError, flag, not_negative, positive, whole


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
