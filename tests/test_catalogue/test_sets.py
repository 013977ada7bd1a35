"""The picture sets: complete entries, whose numbers agree with their class lists, read by the one reader."""

import pytest
import true_layouts
from mmpretrain.datasets import CIFAR10

from mmneglabel.catalogue import ID_SETS, OOD_SETS, SETS, find_set, find_take, set_config
from mmneglabel.corpus.class_list import read_class_list
from mmneglabel.datasets.subset import build_subset, load_subset
from mmneglabel.errors import ConfigError

TAKES = [(name, take) for name, facts in SETS.items() for take in facts.takes]


@pytest.fixture(autouse=True)
def any_cifar(monkeypatch):
    """MMPretrain knows the real batches by their checksums."""
    monkeypatch.setattr(CIFAR10, "_check_integrity", lambda self: True)


@pytest.mark.parametrize(("name", "take"), TAKES, ids=map(":".join, TAKES))
def test_every_set_is_read_in_its_makers_layout(name, take, tmp_path):
    written = true_layouts.lay_out(name, take, tmp_path)
    dataset = build_subset(set_config(name, take, str(tmp_path)), (), name)
    load_subset(dataset, name)
    assert len(dataset) == written > 0
    if facts := ID_SETS.get(name):
        classes = read_class_list(facts.classes)
        labels = [dataset.get_data_info(i)["gt_label"] for i in range(written)]
        assert set(labels) == set(range(len(classes)))
        # Labels mean what the class list says, whatever the reader sorts: the picture's folder or name tells.
        for i, label in enumerate(labels):
            path = str(dataset.get_data_info(i).get("img_path", ""))
            assert "class_list" not in find_take(name, take).read or f"/{classes[label].folder}/" in path


@pytest.mark.parametrize("name", SETS)
def test_every_set_says_where_it_is_from_and_how_it_lies(name):
    facts = SETS[name]
    assert facts.licence
    for take in facts.takes.values():
        assert (take.origin or facts.origin).startswith(("http", "OpenOOD", "linked from", "the authors'"))
        tree = (take.tree or facts.tree).replace("{", "/").replace("}", "/")
        assert all(tree.startswith(part["data_root"].partition("/")[0]) for part in take.parts)
        assert take.images > 0
    assert all(len(md5) == 32 for md5 in facts.archives.values())
    assert (name in ID_SETS) == (facts.classes is not None)


def test_counts_follow_from_the_class_lists():
    for name in ("ImageNet-1k", "ImageNet-10", "ImageNet-20", "ImageNet-99", "ImageNet-100", "ImageNet-100-II"):
        assert find_take(name).images == 50 * len(read_class_list(find_set(name).classes))
    assert (len(ID_SETS), len(OOD_SETS)) == (19, 17)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: find_set("Nincoo"), r"No picture set 'Nincoo': did you mean 'NINCO'\?"),
        (lambda: find_take("NINCO", "opnood"), r"set 'NINCO' has no take 'opnood': did you mean 'openood'\?"),
    ],
)
def test_unknown_names(ask, says):
    with pytest.raises(ConfigError, match=says):
        ask()


def test_the_only_take_needs_no_name():
    assert find_take("SSB-hard") is SETS["SSB-hard"].takes["openood"]
    assert set_config("NINCO", data_root="/d")["data_root"] == "/d/NINCO/NINCO_OOD_classes"
