"""The checks that settings share, and the hints of error messages."""

import math
from fractions import Fraction
from functools import partial

import numpy as np
import pytest

from mmneglabel.errors import (
    ConfigError,
    did_you_mean,
    flag,
    not_negative,
    one_line,
    one_of,
    positive,
    proxy_to,
    seeds,
    whole,
    within,
)


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
        (seeds, (0, -(2**63), 2**64 - 1), (2**64, -(2**63) - 1, 0.0, True, "0", None)),
        (partial(within, low=-1, high=1), (-1, 1, 0.5), (-1.01, 1.01, math.nan, -math.inf, True, "0", None, [0])),
        (partial(within, low=0, high=1, above=True), (1e-9, 1), (0, -1, 1.5, math.nan, math.inf, True, "0.5")),
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


@pytest.mark.parametrize(("above", "says"), [(False, "a number from 0 to 1"), (True, "a number above 0 and at most 1")])
def test_the_range_is_named(above, says):
    with pytest.raises(ConfigError, match=f"Knob: turn must be {says}, got 2;"):
        within(Knob(), 0, 1, above=above, turn=2)


def test_one_of():
    one_of(Knob(), ("on", "off"), turn="on")
    with pytest.raises(ConfigError, match=r"Knob: turn is 'onn'; did you mean 'on'\?"):
        one_of(Knob(), ("on", "off"), turn="onn")
    with pytest.raises(ConfigError, match=r"Knob: turn is \['on'\]; "):
        one_of(Knob(), ("on", "off"), turn=["on"])


def test_one_line():
    assert one_line(ValueError("a\n  b")) == "a b"
    assert one_line(ValueError("a" * 999), most=5) == "aaaaa"
    assert one_line(ValueError()) == "ValueError"


@pytest.mark.parametrize(
    ("proxy", "named"),
    [
        ("http://p:1", "http://p:1"),
        ("p:1", "p:1"),
        ("http://me:secret@p:1", "http://p:1"),
        ("me:secret@p:1", "p:1"),
        ("http://me:se@://cret@p:1", "http://p:1"),
        ("me:se://cret@p:1", "p:1"),
    ],
)
def test_a_proxy_is_named_without_its_password(proxy, named, monkeypatch):
    monkeypatch.setattr("os.environ", {"https_proxy": proxy, "no_proxy": "b"})
    assert proxy_to("https://a/v1") == f"HTTPS_PROXY={named}"
    assert proxy_to("https://b/v1") == proxy_to("http://a/v1") == ""


def test_names_what_is_close_whatever_its_case():
    assert did_you_mean("openAI", ["openai", "laion2b", "opnai"]) == "did you mean 'openai' or 'opnai'?"


def test_names_what_is_known_where_nothing_is_close():
    assert did_you_mean("zzz", ["b", "a"]) == "known: a, b"
    assert did_you_mean("zzz", []) == "known: none"
    assert did_you_mean("zzz", map(str, range(100))).endswith(" and 80 more")
