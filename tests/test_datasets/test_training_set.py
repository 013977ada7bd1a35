import pickle
import re

import numpy as np
import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.dataset import default_collate
from mmpretrain.datasets import CIFAR10
from mmpretrain.registry import DATASETS
from PIL import Image
from torch._utils import ExceptionWrapper
from torch.utils.data import DataLoader

from mmneglabel.datasets import EpochSampler
from mmneglabel.datasets.jigsaw import shuffle_tiles
from mmneglabel.datasets.training_set import TrainingImageError
from mmneglabel.errors import ConfigError, DataError, NegLabelError

PLAIN = [{"type": "LoadRGBImage"}, {"type": "ShuffleTiles", "grid": 2}, {"type": "PackInputs"}]
# Draws from NumPy's random numbers and from PyTorch's.
AUGMENT = [
    {"type": "NumpyToPIL"},
    {"type": "torchvision/RandomResizedCrop", "size": 8},
    {"type": "RandomApply", "prob": 0.5, "transforms": [{"type": "torchvision/ColorJitter", "hue": 0.1}]},
]
TWO_VIEWS = [*PLAIN[:2], {"type": "MultiView", "num_views": 2, "transforms": [AUGMENT]}, PLAIN[2]]


@pytest.fixture
def root(tmp_path, write_image):
    """Five ID pictures of two classes, and three outliers of other sizes."""
    for i, name in enumerate(("cat/a.png", "cat/b.png", "dog/a.png", "dog/b.png", "dog/c.png")):
        write_image(f"id/{name}", (12, 8), seed=i)
    for i in range(3):
        write_image(f"out/{i}.png", (10 + i, 7), seed=9 + i)
    return tmp_path


def build(root, pipeline=PLAIN, **changes):
    id_set = {"type": "CustomDataset", "data_root": str(root / "id")}
    return DATASETS.build(ConfigDict({"type": "TrainingSet", "id_set": id_set, "pipeline": pipeline, **changes}))


def pixels(dataset, i):
    return dataset[i]["inputs"].permute(1, 2, 0).numpy()


def test_id_pictures_then_jigsaws_then_outliers(root):
    dataset = build(root, jigsaws_per_image=2, outliers={"type": "Pictures", "data_root": str(root / "out")})
    assert len(dataset) == 5 + 10 + 3
    assert dataset.metainfo["classes"] == ("cat", "dog")
    assert [dataset[i]["data_samples"].gt_label.item() for i in range(18)] == [0, 0, 1, 1, 1] + 13 * [2]
    names = [dataset.get_data_info(i)["img_path"].rpartition("/")[2] for i in range(18)]
    id_names = ["a.png", "b.png", "a.png", "b.png", "c.png"]
    assert names == [*id_names, *(name for name in id_names for _ in range(2)), "0.png", "1.png", "2.png"]
    assert [dataset[i]["data_samples"].sample_idx for i in range(18)] == list(range(18))
    assert (pixels(dataset, 16) == np.asarray(Image.open(root / "out" / "1.png"))).all()


def test_jigsaws_hold_the_tiles_of_their_picture_and_are_always_the_same(root):
    dataset = build(root, jigsaws_per_image=3)
    again, other = build(root, jigsaws_per_image=3), build(root, jigsaws_per_image=3, seed=1)
    for image in range(5):
        whole = pixels(dataset, image)
        tiles = {shuffle_tiles(whole, 2, np.roll(range(4), i))[:4, :6].tobytes() for i in range(4)}
        for copy in range(3):
            made = pixels(dataset, 5 + 3 * image + copy)
            assert {shuffle_tiles(made, 2, np.roll(range(4), i))[:4, :6].tobytes() for i in range(4)} == tiles
            assert (made != whole).any()
            assert (made == pixels(again, (7, 5 + 3 * image + copy))).all()
    assert any((pixels(dataset, i) != pixels(other, i)).any() for i in range(5, 20))


def test_a_jigsaw_does_not_depend_on_how_many_there_are(root):
    one, two = build(root, jigsaws_per_image=1), build(root, jigsaws_per_image=2)
    assert all((pixels(one, 5 + i) == pixels(two, 5 + 2 * i)).all() for i in range(5))


def epochs(dataset, workers=0, persistent=False, first=0):
    sampler = EpochSampler(dataset, shuffle=False)
    settings = {"num_workers": workers, "persistent_workers": persistent, "collate_fn": default_collate}
    loader = DataLoader(dataset, 4, sampler=sampler, **settings)
    found = []
    for epoch in range(first, 3):
        sampler.set_epoch(epoch)
        found.append(torch.cat([torch.cat(batch["inputs"], 1) for batch in loader]))
    return found


def test_the_same_pictures_for_any_workers_and_after_a_resume(root):
    dataset = build(root, TWO_VIEWS, jigsaws_per_image=2)
    want = epochs(dataset)
    assert want[0].shape == (15, 6, 8, 8)
    assert want[0].dtype == torch.uint8
    assert not want[0].equal(want[1])
    assert not want[1].equal(want[2])
    assert not want[0][:, :3].equal(want[0][:, 3:])
    for workers, persistent in ((1, False), (2, True)):
        assert all(map(torch.equal, want, epochs(build(root, TWO_VIEWS, jigsaws_per_image=2), workers, persistent)))
    assert all(map(torch.equal, want[2:], epochs(build(root, TWO_VIEWS, jigsaws_per_image=2), first=2)))
    assert not want[0].equal(epochs(build(root, TWO_VIEWS, jigsaws_per_image=2, seed=1))[0])


def test_the_order_of_asking_and_the_global_state_do_not_matter(root):
    dataset = build(root, TWO_VIEWS)
    want = [dataset[0, i]["inputs"] for i in range(5)]
    np.random.seed(5)
    before = np.random.get_state()[1].copy()
    assert all(map(torch.equal, dataset[0, 3]["inputs"], want[3]))
    assert all(map(torch.equal, dataset[0, -5]["inputs"], want[0]))
    assert (np.random.get_state()[1] == before).all()


def test_without_an_epoch_every_visit_differs(root):
    dataset = build(root, TWO_VIEWS)
    assert not dataset[0]["inputs"][0].equal(dataset[0]["inputs"][0])


def test_pictures_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(CIFAR10, "train_list", [["data_batch_1", None]])
    monkeypatch.setattr(CIFAR10, "test_list", [])
    folder = tmp_path / CIFAR10.base_folder
    folder.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (4, 3072), dtype=np.uint8)
    (folder / "data_batch_1").write_bytes(pickle.dumps({"data": noise, "labels": [9, 3, 0, 3]}))
    id_set = {"type": "CIFAR10", "data_root": str(tmp_path), "split": "train"}
    dataset = build(tmp_path, id_set=id_set, jigsaws_per_image=1)
    assert [dataset[i]["data_samples"].gt_label.item() for i in range(8)] == [9, 3, 0, 3, 10, 10, 10, 10]
    assert (dataset[2]["inputs"].numpy() == noise[2].reshape(3, 32, 32)).all()
    assert sorted(dataset[6]["inputs"].flatten().tolist()) == sorted(noise[2].tolist())


@pytest.mark.parametrize("workers", [0, 1])
def test_an_unreadable_picture_stops_with_one_line(root, workers):
    dataset = build(root)
    (root / "id" / "dog" / "b.png").write_bytes(b"no picture")
    with pytest.raises(TrainingImageError) as info:
        list(DataLoader(dataset, 2, num_workers=workers, collate_fn=default_collate))
    path = root / "id" / "dog" / "b.png"
    assert str(info.value) == (
        f"training image {path}: not a picture that Pillow can read; mend the file or take it out of the set"
    )


def test_an_unreadable_first_picture_shows_when_the_set_is_built(root):
    (root / "id" / "cat" / "a.png").write_bytes(b"")
    with pytest.raises(
        DataError, match=re.escape(f"training image {root / 'id' / 'cat' / 'a.png'}: the file is empty")
    ):
        build(root)


def test_one_picture_that_the_grid_does_not_divide(root, write_image):
    path = write_image("id/dog/a.png", (11, 8))
    dataset = build(root, jigsaws_per_image=1)
    with pytest.raises(TrainingImageError) as info:
        dataset[7]
    assert re.fullmatch(f"training image {re.escape(str(path))}: ShuffleTiles: a picture of 11x8 .*", str(info.value))


def test_a_grid_that_fits_no_picture_shows_when_the_set_is_built(root):
    pipeline = [PLAIN[0], {"type": "ShuffleTiles", "grid": 5}, PLAIN[2]]
    assert len(build(root, pipeline)) == 5
    with pytest.raises(ConfigError, match="12x8 pixels cannot be cut into 5x5"):
        build(root, pipeline, jigsaws_per_image=1)


def test_a_transform_that_gives_nothing_names_the_picture(root):
    with pytest.raises(DataError, match=r"cat/a\.png: Nothing made nothing of it"):
        build(root, [PLAIN[0], type("Nothing", (), {"__call__": lambda *_: None})(), PLAIN[2]])


def test_labels_that_are_no_class(root):
    (root / "list.txt").write_text("cat/a.png 0\ndog/a.png 2\n")
    id_set = {"type": "CustomDataset", "data_root": str(root), "data_prefix": "id", "ann_file": "list.txt"}
    dataset = build(root, id_set={**id_set, "classes": ["cat", "dog"]})
    with pytest.raises(TrainingImageError, match=r"dog/a\.png: its label is 2; the 2 classes are 0 to 1"):
        dataset[1]
    with pytest.raises(DataError, match="it knows no class names; give it classes"):
        build(root, id_set=id_set)
    with pytest.raises(DataError, match=r"0\.png: its label is None"):
        build(root, id_set={"type": "Pictures", "data_root": str(root / "out"), "classes": ["a"]})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"jigsaws_per_image": -1}, "jigsaws_per_image must be an integer above -1, got -1"),
        ({"seed": -1}, "seed must be an integer above -1, got -1"),
        ({"jigsaws_per_image": 1, "pipeline": [PLAIN[0], PLAIN[2]]}, "the pipeline has no ShuffleTiles"),
        ({"pipeline": PLAIN[:2]}, "must end in PackInputs; it is ['LoadRGBImage', 'ShuffleTiles']"),
        ({"id_set": {"type": "CustomDataset", "pipeline": []}}, "id_set has a pipeline of its own"),
        ({"id_set": "cifar10"}, "TrainingSet: id_set is 'cifar10'; give a dict"),
        ({"outliers": [{"type": "Picture"}]}, "outliers[0]: 'Picture' is no dataset type; did you mean 'Pictures'"),
    ],
)
def test_bad_settings(root, changes, message):
    with pytest.raises(ConfigError, match=re.escape(message)):
        build(root, **changes)


def test_a_set_that_is_missing_is_named(root):
    folders = [{"type": "Pictures", "data_root": str(root / name)} for name in ("out", "gone")]
    with pytest.raises(DataError, match=r"TrainingSet: outliers\[1\]: folder .* does not exist"):
        build(root, outliers=folders)


def test_tiles_may_be_shuffled_within_a_view(root):
    views = {"type": "MultiView", "num_views": 2, "transforms": [[PLAIN[1]]]}
    first, second = build(root, [PLAIN[0], views, PLAIN[2]], jigsaws_per_image=1)[5]["inputs"]
    assert first.equal(second)
    assert not first.equal(build(root)[0]["inputs"])


def test_no_such_sample(root):
    with pytest.raises(IndexError, match="TrainingSet has 5 samples, and none with number 5"):
        build(root)[5]


def test_what_a_worker_raised_is_one_line_again():
    try:
        try:
            raise ValueError("first: cause")
        except ValueError as cause:
            raise TrainingImageError("training image a: b.png: the file\nis empty") from cause
    except TrainingImageError:
        wrapped = pickle.loads(pickle.dumps(ExceptionWrapper(where="in DataLoader worker process 0")))
    with pytest.raises(NegLabelError) as info:
        wrapped.reraise()
    assert type(info.value) is TrainingImageError
    assert str(info.value) == "training image a: b.png: the file is empty"
