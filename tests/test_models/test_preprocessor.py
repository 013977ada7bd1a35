import pytest
import torch
from mmpretrain.models import ClsDataPreprocessor
from mmpretrain.structures import DataSample

from mmneglabel.errors import ConfigError
from mmneglabel.models import ImagePreprocessor


def test_normalises_the_pixels_and_nothing_else():
    samples = [DataSample().set_gt_label(1), DataSample()]  # MMPretrain's own stops at such a batch
    labels = samples[0].gt_label
    preprocess = ImagePreprocessor(mean=[127.5] * 3, std=[127.5] * 3, to_rgb=False)
    done = preprocess({"inputs": [torch.full((3, 2, 2), 255, dtype=torch.uint8)] * 2, "data_samples": samples})
    torch.testing.assert_close(done["inputs"], torch.ones(2, 3, 2, 2))
    assert done["data_samples"] is samples
    assert samples[0].gt_label is labels


FACTS = {"mean": [123.675, 116.28, 103.53], "std": [58.395, 57.12, 57.375]}
GREY = {"mean": [33.3], "std": [78.6]}


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(
    ("settings", "channels"),
    [
        (FACTS, 3),
        ({**FACTS, "to_rgb": True}, 3),
        ({**FACTS, "to_rgb": True}, 1),  # which MMPretrain's makes three of
        ({**GREY, "to_rgb": True}, 1),
        (GREY, 3),
        ({**FACTS, "pad_size_divisor": 4, "pad_value": 7}, 3),
        ({"mean": [124, 116, 104], "std": [58, 57, 57]}, 3),
        ({"to_rgb": True}, 3),
    ],
    ids=str,
)
def test_pixels_are_mmpretrains_to_the_last_bit(settings, channels, training):
    levels = torch.arange(2 * channels * 5 * 9).reshape(2, channels, 5, 9) * 37 % 256
    wide = levels.byte().contiguous(memory_format=torch.channels_last)
    ours, theirs = ImagePreprocessor(**settings), ClsDataPreprocessor(**settings)
    for inputs in (levels.byte(), wide, levels.float(), levels.double() / 3, levels.half(), list(levels.byte())):
        given = [one.clone() for one in inputs]
        done, wanted = (preprocess({"inputs": inputs}, training)["inputs"] for preprocess in (ours, theirs))
        assert done.dtype == wanted.dtype
        assert torch.equal(done, wanted)
        assert all(map(torch.equal, inputs, given))
    done, wanted = (made.double()({"inputs": levels.byte()}, training)["inputs"] for made in (ours, theirs))
    assert done.dtype == wanted.dtype
    assert torch.equal(done, wanted)


@pytest.mark.parametrize(("device", "waits"), [("cuda", False), ("cpu", True)])
def test_a_copy_to_a_gpu_is_not_waited_for(device, waits, monkeypatch):
    copies, preprocess = [], ImagePreprocessor(**FACTS)
    assert preprocess._non_blocking is False  # as kept features, which all settings name, have always known it
    preprocess._device = torch.device(device)
    monkeypatch.setattr(torch.Tensor, "to", lambda pixels, *_, **how: copies.append(how) or pixels.float())
    pixels = torch.zeros(1, 3, 2, 2)
    for inputs in (pixels, list(pixels)):
        preprocess({"inputs": inputs})
    assert [how["non_blocking"] for how in copies if "non_blocking" in how] == [not waits] * 2


def test_views_become_one_batch_in_order():
    first, second = (torch.full((2, 3, 4, 4), value, dtype=torch.uint8) for value in (0, 255))
    done = ImagePreprocessor(mean=[127.5] * 3, std=[127.5] * 3)({"inputs": [first, second]}, training=True)
    torch.testing.assert_close(done["inputs"][:, 0, 0, 0], torch.tensor([-1.0, -1.0, 1.0, 1.0]))


def test_what_mixes_images_is_refused():
    with pytest.raises(ConfigError, match="knows no batch_augments: set its type to ClsDataPreprocessor"):
        ImagePreprocessor(batch_augments={"augments": "Mixup"})
