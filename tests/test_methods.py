"""Rows of a table to full configs of scores."""

import pytest

from mmneglabel.errors import ConfigError
from mmneglabel.methods import METHODS, resolve
from mmneglabel.scores import MCMScore, NegRefineScore

SAME = ["NegRefineScore", "mmneglabel.NegRefineScore", "mmneglabel.scores.NegRefineScore", NegRefineScore]


@pytest.mark.parametrize("kind", SAME)
@pytest.mark.parametrize(("name", "row"), [("NegRefine", {}), ("mine", {"method": "NegRefine"})])
def test_a_row_that_repeats_its_methods_type_is_the_method(name, row, kind):
    found = resolve({name: {**row, "type": kind, "groups": 50}})
    assert found == {name: {**METHODS["NegRefine"], "type": kind, "groups": 50}}


@pytest.mark.parametrize("name", ["NegRefine", "mine"])
@pytest.mark.parametrize("kind", ["MCMScore", MCMScore])
def test_a_row_of_another_type_stands_alone(name, kind):
    row = {"type": kind, "temperature": 2.0}
    assert resolve({name: row}) == {name: row}


def test_a_method_and_another_type():
    with pytest.raises(ConfigError, match="has method='NegRefine', which is a NegRefineScore, and type='MCMScore'"):
        resolve({"mine": {"method": "NegRefine", "type": "MCMScore"}})
