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
    with pytest.raises(ConfigError, match="has method='NegRefine', a NegRefineScore, and type='MCMScore'"):
        resolve({"mine": {"method": "NegRefine", "type": "MCMScore"}})


def test_delete_takes_the_whole_place_of_a_dict_wherever_mmengine_left_it():
    listed = {"type": "ReadyList", "path": "list.txt"}
    rows = {"_delete_": True, "NegRefine": {"_delete_": True, "bank": {"pool": {"_delete_": True, **listed}}}}
    assert resolve(rows)["NegRefine"]["bank"] == {**METHODS["NegRefine"]["bank"], "pool": listed}


@pytest.mark.parametrize("kind", ["CSP", "mmneglabel.mining.CSP"])
def test_a_bank_that_repeats_its_type_is_the_methods(kind):
    pool = resolve({"NegRefine": {"bank": {"pool": {"type": kind, "ratio": 0.1}}}})["NegRefine"]["bank"]["pool"]
    assert pool == {"type": kind, "quantile": 1.0, "drop_labels": True, "ratio": 0.1}


def test_a_dict_in_place_of_a_number():
    changed = resolve({"NegRefine": {"bank": {"pool": {"quantile": {"a": 1}}}}})
    assert changed["NegRefine"]["bank"]["pool"] == {"type": "CSP", "quantile": {"a": 1}, "drop_labels": True}
