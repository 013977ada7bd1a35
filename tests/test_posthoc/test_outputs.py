from dataclasses import replace

import pytest
import torch

from mmneglabel.errors import DataError
from mmneglabel.posthoc import TrainingFeatures


def test_refuses_features_that_cannot_be_learned_from(training):
    broken = training.features.clone()
    broken[[3, 5], 0] = torch.tensor([float("nan"), float("inf")])
    with pytest.raises(DataError, match="2 of 90 ID training images have NaN or infinite features"):
        replace(training, features=broken)
    with pytest.raises(DataError, match="no ID training images"):
        TrainingFeatures(torch.empty(0, 4), torch.empty(0, dtype=torch.long), 2)


def test_refuses_outliers_among_the_training_images(training):
    with pytest.raises(DataError, match="has label 3, but the model has 3 classes: fit on the ID classes alone"):
        replace(training, num_classes=3)
