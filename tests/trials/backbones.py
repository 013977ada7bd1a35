"""Towers that are not what a number needs; what a tower of open_clip's is asked for is tested beside it."""

import torch
from mmpretrain.registry import MODELS
from stand_in import StandInBackbone

from trials.trial import Trial


@MODELS.register_module()
class OddTower(StandInBackbone):
    """The stand-in with something wrong."""

    def __init__(self, wrong, **kwargs):
        super().__init__(**kwargs)
        self.wrong = wrong
        if wrong == "no embed_dim":
            del self.embed_dim

    def _text(self, row):
        mute = {"mute": True, "labels": row in self.names, "words": row[0] < 64 and row not in self.names}
        return torch.zeros(self.embed_dim) if mute.get(self.wrong) else super()._text(row)

    @property
    def names(self):
        return super().tokenize([f"the nice {name}" for name in ("cat", "dog", "bird")]).tolist()

    def embed_image(self, pixels):
        features = super().embed_image(pixels)
        return features[:, 1:] if self.wrong == "image width" else features


def odd(wrong, says, code=1):
    return Trial(f"own tower: {wrong}", says, {"model.backbone": {"type": "OddTower", "wrong": wrong}}, code=code)


TRIALS = [
    odd("no embed_dim", "OddTower: embed_dim is None: set self.embed_dim"),
    odd("image width", "OddTower gives embeddings of shape (4, 15) where (4, 16) is due"),
    odd("mute", "gives 3 of 3 class names no features, such as 'cat'"),
    odd("labels", "gives 3 of 3 class names no features, such as 'cat'"),
    odd("words", "3 labels, 23 negatives (13 nouns, 10 adjectives)", code=0),  # not 30: 20 of 100 have no features
    Trial(
        "misspelt tag",
        "did you mean 'openai'",
        {"model.backbone": {"type": "OpenCLIPBackbone", "model_name": "RN50", "pretrained": "opnai"}},
    ),
]
