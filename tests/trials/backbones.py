"""Towers that are not what a number needs: one's own, and what one asks of open_clip's."""

import itertools

import torch
from mmpretrain.registry import MODELS
from paths import TINY_CLIP
from stand_in import StandInBackbone

from trials.trial import Trial

TICKS = itertools.count()


@MODELS.register_module()
class OddTower(StandInBackbone):
    """The stand-in with something wrong."""

    def __init__(self, wrong, **kwargs):
        super().__init__(**kwargs)
        self.wrong = wrong
        if wrong == "no embed_dim":
            del self.embed_dim
        elif wrong == "no preprocessing":
            self.preprocessing = {"mean": 0.5}
        elif wrong == "no weights":
            del self.projection

    def tokenize(self, prompts):
        tokens = super().tokenize(prompts)
        return tokens + next(TICKS) if self.wrong == "tokenizer" else tokens

    def _text(self, row):
        mute = {"mute": True, "labels": row in self.names, "words": row[0] < 64 and row not in self.names}
        width = self.embed_dim + (self.wrong == "text width")
        return (
            torch.zeros(width) if mute.get(self.wrong) else super()._text(row)[:1].expand(width) + torch.arange(width)
        )

    @property
    def names(self):
        return super().tokenize([f"the nice {name}" for name in ("cat", "dog", "bird")]).tolist()

    def embed_image(self, pixels):
        features = super().embed_image(pixels)
        return features[:, 1:] if self.wrong == "image width" else features


def odd(wrong, says, code=1):
    return Trial(f"own tower: {wrong}", says, {"model.backbone": {"type": "OddTower", "wrong": wrong}}, code=code)


def clip(name, says, files=None, model_name=TINY_CLIP, **settings):
    tower = {"type": "OpenCLIPBackbone", "model_name": model_name, **settings}
    return Trial(name, says, {"model.backbone": tower}, files or {})


TRIALS = [
    odd("no embed_dim", "OddTower: embed_dim is None: set self.embed_dim"),
    odd("no preprocessing", "OddTower: preprocessing is {'mean': 0.5}: set self.preprocessing"),
    odd("no weights", "OddTower has no parameters"),
    odd("text width", "OddTower gives embeddings of shape (3, 17) where (3, 16) is due"),
    odd("image width", "OddTower gives embeddings of shape (4, 15) where (4, 16) is due"),
    odd("tokenizer", "OddTower.tokenize must give the same text the same ids each time"),
    odd("mute", "gives 3 of 3 class names no features, such as 'cat'"),
    odd("labels", "gives 3 of 3 class names no features, such as 'cat'"),
    odd("words", "3 labels, 23 negatives (13 nouns, 10 adjectives)", code=0),  # not 30: 20 of 100 have no features
    clip("misspelt precision", "backbone.precision is 'fp61'; did you mean 'fp16'", precision="fp61"),
    clip("misspelt argument", "OpenCLIPBackbone: got an unexpected keyword argument 'precison'", precison="fp16"),
    clip(
        "misspelt pixel fact", "backbone.preprocess has no 'std_'; did you mean 'std'", preprocess={"std_": [1, 1, 1]}
    ),
    clip("mean of 0..255", "mean must be three numbers in [0, 1]", preprocess={"mean": [123.7, 116.3, 103.5]}),
    clip("needless tokenizer", "has open_clip's own tokenizer", tokenizer="org/tokenizer"),
    clip("weights beside weights", "brings its own weights", model_name="local-dir:{here}", pretrained="openai"),
    clip(
        "weights of any tag",
        ("those differ (quick_gelu: True or False)", "set backbone.preprocess to the tag"),
        {"weights.pt": b""},
        model_name="ViT-B-16",
        pretrained="{here}/weights.pt",
    ),
    clip(
        "pixel facts in an architecture file",
        ("preprocess_cfg in '", "own.json' has no 'maen'; did you mean 'mean'"),
        {"own.json": '{"embed_dim": 8, "vision_cfg": {}, "text_cfg": {}, "preprocess_cfg": {"maen": [0, 0, 0]}}'},
        model_name="{here}/own.json",
    ),
]
