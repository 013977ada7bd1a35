"""The authors' form of a TagFog checkpoint, made by a network that is built and run as they describe theirs."""

from argparse import Namespace

import pytest
import torch
from mmengine.runner.checkpoint import _load_checkpoint, _load_checkpoint_to_model
from mmpretrain.registry import MODELS
from torch import nn

from mmneglabel.errors import WeightsError

CLASSES, WIDTH = 3, 8
MODEL = {
    "type": "PostHocClassifier",
    "backbone": {"type": "ResNet_CIFAR", "depth": 18, "base_channels": WIDTH, "stem_channels": WIDTH},
    "neck": {"type": "GlobalAveragePooling"},
    "head": {"type": "TagFogHead", "num_classes": CLASSES, "in_channels": 8 * WIDTH, "anchor_dim": 16},
    "scores": {"MSP": {}},
}


def conv(before, after, size, stride=1):
    return nn.Conv2d(before, after, size, stride, padding=size // 2, bias=False)


class Block(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        self.conv1, self.bn1 = conv(before, after, 3, stride), nn.BatchNorm2d(after)
        self.conv2, self.bn2 = conv(after, after, 3), nn.BatchNorm2d(after)
        same = stride == 1 and before == after
        self.shortcut = nn.Sequential(*([] if same else [conv(before, after, 1, stride), nn.BatchNorm2d(after)]))

    def forward(self, x):
        return torch.relu(self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x))))) + self.shortcut(x))


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1, before = conv(3, WIDTH, 3), nn.BatchNorm2d(WIDTH), WIDTH
        for number in range(4):
            after = WIDTH * 2**number
            setattr(
                self,
                f"layer{number + 1}",
                nn.Sequential(Block(before, after, 1 + bool(number)), Block(after, after, 1)),
            )
            before = after

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
        return x.mean(dim=(2, 3))


class Theirs(nn.Module):
    def __init__(self):
        super().__init__()
        width = 8 * WIDTH
        self.encoder, self.classifier = Encoder(), nn.Linear(width, CLASSES + 1)
        self.addmlp = nn.Sequential(
            nn.Linear(width, 2 * width), nn.BatchNorm1d(2 * width), nn.ReLU(), nn.Linear(2 * width, 16)
        )
        self.head = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 12))  # in no loss


@pytest.fixture
def theirs():
    torch.manual_seed(0)
    network = Theirs()
    network.encoder(torch.randn(8, 3, 32, 32))  # running means that say something
    return network.eval()


@pytest.fixture
def load(tmp_path):
    """As the Runner does: the file through PyTorch's safe loader, then to the model."""

    def load(weights, **changes):
        settings = Namespace(model="resnet18", lr_decay_epochs=[150, 180], warm=True)
        torch.save({"opt": settings, "model": weights, "optimizer": {}, "epoch": 200}, tmp_path / "last.pth")
        model = MODELS.build(MODEL | changes).eval()
        model.head.set_anchors(torch.eye(model.num_classes, 16))
        _load_checkpoint_to_model(model, _load_checkpoint(str(tmp_path / "last.pth"), "cpu"))
        return model

    return load


@pytest.mark.parametrize("parallel", [False, True])
def test_the_same_logits_and_projections(theirs, load, parallel):
    if parallel:
        for name in ("encoder", "classifier", "addmlp"):
            setattr(theirs, name, nn.DataParallel(getattr(theirs, name)))
    model, images = load(theirs.state_dict()), torch.randn(4, 3, 32, 32)
    features = theirs.encoder(images)
    with torch.no_grad():
        torch.testing.assert_close(model.head.all_logits(model.extract_feat(images)), theirs.classifier(features))
        torch.testing.assert_close(model.head.projection(features), theirs.addmlp(features))
    assert model.head.anchors.equal(torch.eye(CLASSES, 16))  # theirs lie elsewhere


def test_another_network_of_theirs_is_refused(theirs, load):
    with pytest.raises(WeightsError, match=r"another number of classes, 'head\.fc\.weight' has 4 rows"):
        load(theirs.state_dict(), head=MODEL["head"] | {"num_classes": 5})
    with pytest.raises(WeightsError, match=r"does not fit the model: .*first 'backbone\.layer1\.2\.conv1\.weight'"):
        load(theirs.state_dict(), backbone=MODEL["backbone"] | {"depth": 34})
