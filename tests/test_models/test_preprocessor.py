import pytest
import torch
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


def test_views_become_one_batch_in_order():
    first, second = (torch.full((2, 3, 4, 4), value, dtype=torch.uint8) for value in (0, 255))
    done = ImagePreprocessor(mean=[127.5] * 3, std=[127.5] * 3)({"inputs": [first, second]}, training=True)
    torch.testing.assert_close(done["inputs"][:, 0, 0, 0], torch.tensor([-1.0, -1.0, 1.0, 1.0]))


def test_what_mixes_images_is_refused():
    with pytest.raises(ConfigError, match="knows no batch_augments: set its type to ClsDataPreprocessor"):
        ImagePreprocessor(batch_augments={"augments": "Mixup"})
