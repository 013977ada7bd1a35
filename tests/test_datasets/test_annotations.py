"""What is known of all pictures at once is what the datasets say of each."""

from types import SimpleNamespace

import pytest
from mmengine.logging import MMLogger
from mmpretrain.datasets import CIFAR10

from mmneglabel.datasets import ImageFolder, ImageList
from mmneglabel.datasets.annotations import annotations, warn_of_shared_files


@pytest.fixture
def listed(tmp_path):
    """Make a list of these paths, unread pictures all."""

    def make(name, paths, **settings):
        (tmp_path / name).write_text("\n".join(paths))
        return ImageList(str(tmp_path / name), data_root=str(tmp_path), **settings)

    return make


@pytest.fixture
def warned(monkeypatch):
    """What the log warns of."""
    lines = []
    monkeypatch.setattr(MMLogger, "get_current_instance", lambda: SimpleNamespace(warning=lines.append))
    return lines


@pytest.mark.parametrize("settings", [{}, {"serialize_data": False}, {"indices": [2, 0]}])
def test_annotations_are_the_datasets_own(listed, settings):
    # The same word twice in a row of pickles is where reading them as one stream would go wrong.
    dataset = listed("a.txt", ["a.png 3", "a.png 3", "b/a.png 4"], **settings)
    want = [dataset.get_data_info(i) for i in range(len(dataset))]
    assert [{**found, "sample_idx": i} for i, found in enumerate(annotations(dataset))] == want


def test_sets_that_share_nothing_are_not_warned_of(listed, write_image, warned):
    write_image("a/1.png"), write_image("b/1.png")
    folders = [ImageFolder(str(write_image(f"{name}/1.png").parent)) for name in "ab"]
    other = listed("c.txt", ["b/2.png", "a/b/1.png"])
    warn_of_shared_files("IXC", [*folders, other])
    in_memory = CIFAR10.__new__(CIFAR10)
    in_memory.serialize_data, in_memory.data_list, in_memory._fully_initialized = False, [{"img": 1}], True
    warn_of_shared_files("IX", [in_memory, in_memory])
    assert not warned


def test_shared_files_are_counted_by_set_whatever_they_are_called_by(listed, write_image, tmp_path, warned):
    (tmp_path / "link").symlink_to("a")
    id_set = ImageFolder(str(write_image("a/b/1.png").parents[1]))
    other = listed("c.txt", ["a/b/1.png", "link/../a/b/1.png", "a/b/2.png"])
    again = listed("d.txt", [f"{tmp_path}/link/b/1.png"])
    warn_of_shared_files("IXC", [id_set, other, again])
    (line,) = warned
    assert "in the ID set 'I' and in OOD sets: 1 of 'X', 1 of 'C'" in line
