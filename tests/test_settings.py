"""Old forms of a config end in one line that shows the new one, where nothing else has taken their names."""

import pytest
from mmengine.config import Config
from mmpretrain.registry import DATASETS
from paths import ROOT
from test_tools.launching import launch

from mmneglabel import settings
from mmneglabel.cli.testing import run_test
from mmneglabel.errors import ConfigError
from mmneglabel.settings import refuse_old_forms


@pytest.fixture(autouse=True)
def rows(monkeypatch):
    """Rows of classes that never were, and of keys that no class has."""
    monkeypatch.setattr(settings, "OLD_TYPES", {"Formerly": "write type='Nowadays'", "OODBenchmark": "do not"})
    keys = {
        ("OODBenchmark", "sets"): "write ood_sets",
        ("OODBenchmark", "ood_sets"): "do not",
        ("Gone", "a"): "write b",
    }
    monkeypatch.setattr(settings, "OLD_KEYS", keys)


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"x": {"type": "Formerly"}}, r"x\.type: nothing is called 'Formerly' any more: write type='Nowadays'"),
        ({"x": [{"y": {"type": "mmpretrain.Formerly"}}]}, r"x\.0\.y\.type: "),
        ({"x": ({"type": "mmneglabel.datasets.Formerly"},)}, r"x\.0\.type: "),
        ({"model": {"scores": {"a.b": {"bank": "csp"}}}}, r"model\.scores\.a\.b\.bank: banks have no names any more"),
        ({"x": {"type": "OODBenchmark", "sets": []}}, r"x\.sets: OODBenchmark has no 'sets' any more: write ood_sets"),
        ({"x": {"type": "Gone", "a": 1}}, r"x\.a: Gone has no 'a' any more: write b"),
    ],
)
def test_one_line_names_the_place_and_the_new_form(config, says):
    with pytest.raises(ConfigError, match=says):
        refuse_old_forms(Config(config))


def test_what_is_known_or_somebody_elses_is_left_alone(monkeypatch):
    monkeypatch.setitem(DATASETS.module_dict, "Formerly", dict)
    monkeypatch.setitem(settings.OLD_TYPES, "Theirs", "do not")
    own = type("OODBenchmark", (), {"__module__": "mylib"})
    refuse_old_forms(
        {
            "x": {"type": "OODBenchmark", "ood_sets": []},
            "y": [{"type": "Formerly", "a": 1}, {"type": "mylib.Theirs"}, {"type": own, "sets": []}],
            "z": "Formerly",
            "model": {"bank": "a", "scores": {"A": {"judge": {"bank": "b"}}}},
        }
    )


def test_a_part_of_a_config_has_its_place():
    with pytest.raises(ConfigError, match=r"model\.scores\.type: "):
        refuse_old_forms({"type": "Formerly"}, "model.scores")


@pytest.mark.parametrize("path", sorted((ROOT / "tests/old_configs").glob("*.py")), ids=lambda path: path.stem)
def test_every_old_form_ends_in_its_line_before_anything_is_built(path, monkeypatch, capsys):
    """Configs as they were written for the version before; what is said of them stands on their first lines."""
    monkeypatch.undo()
    monkeypatch.setattr("mmengine.runner.Runner.from_cfg", lambda config: pytest.fail("something is built"))
    assert launch(run_test, path) == 1
    said = capsys.readouterr().err.strip()
    assert said.count("\n") == 0
    assert said.startswith(f"error: {path.read_text().splitlines()[0].removeprefix('# ')}")
