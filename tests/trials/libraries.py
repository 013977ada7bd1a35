"""Classifiers of torchvision and timm in the place of MMPretrain's: what is taken from them, and what is refused."""

import torch
import torchvision

from trials.trial import Trial

LOAD, PACK = {"type": "LoadRGBImage"}, {"type": "PackInputs", "meta_keys": ["img_path", "unreadable"]}
BARE = {"model.neck": None, "model.head": None, "model.data_preprocessor": None}
BARE |= {"test_dataloader.dataset.pipeline": None}
SMALL = {"type": "TimmBackbone", "model_name": "mobilenetv3_small_050", "num_classes": 3}


def network(**changes):
    """A config with nothing but the backbone."""
    return {**BARE, "model.backbone": {"_delete_": True, **SMALL, **changes}}


def torchvisions(**changes):
    return network(type="TorchvisionBackbone", **{"model_name": "shufflenet_v2_x0_5", **changes})


def save(path, classes=3):
    torch.save(torchvision.models.shufflenet_v2_x0_5(num_classes=classes).state_dict(), path)


FILE = {"own.pth": save}
OWN = torchvisions(checkpoint="{here}/own.pth")
SHORT_EDGE = {"type": "ResizeEdge", "scale": 256, "edge": "short", "backend": "pillow", "interpolation": "bilinear"}
CROP = {"type": "CenterCrop", "crop_size": 224}
PIPELINE = "test_dataloader.dataset.pipeline"
LEARNED = "custom_hooks.0.dataloader.dataset.pipeline"
TRAINED = {key: None for key in BARE if key.startswith("model.")}
TRAINED |= {"model.backbone": {"_delete_": True, **SMALL}, "custom_hooks": [{"type": "OODReportHook"}]}
TRAINED |= {"train_dataloader.dataset.jigsaws_per_image": 0, "default_hooks.checkpoint.save_best": None}
TRAINED |= {"train_dataloader.dataset.pipeline": [LOAD, {"type": "Resize", "scale": 32}, {"type": "PackInputs"}]}
OVERRIDE = "model.preprocessing_override"


def trial(name, says, config, code=1, **more):
    return Trial(f"library: {name}", says, config, base="posthoc", code=code, **more)


# fmt: off
TRIALS = [
    trial("a file of torchvision's names", ("Pixels: 224x224 cut from 256x256, shortest, bilinear, mean 0.485/0.456/",
          "Score 'KNN': "), OWN, code=0, files=FILE),
    trial("the pixels written out", "Pixels: 224x224 cut from 256x256",
          {**OWN, PIPELINE: [LOAD, SHORT_EDGE, CROP, PACK]}, code=0, files=FILE),
    trial("pixels by OpenCV", "The pipeline of ID resizes or cuts otherwise than the backbone was trained",
          {**OWN, PIPELINE: [LOAD, {**SHORT_EDGE, "backend": "cv2"}, CROP, PACK]}, files=FILE),
    trial("pixels by OpenCV on purpose", "Pixels: as the pipelines make them, on purpose",
          {**OWN, PIPELINE: [LOAD, {**SHORT_EDGE, "backend": "cv2"}, CROP, PACK], OVERRIDE: "pipeline"}, code=0,
          files=FILE),
    trial("learned from other pixels", "Pixels of the ID training set: resized_to is None and the backbone's (256",
          {**OWN, LEARNED: [LOAD, {**SHORT_EDGE, "scale": 224}, CROP, PACK]}, files=FILE),
    trial("another mean", "Pixels of ID: mean is (0.5, 0.5, 0.5) and the backbone's (0.485, 0.456, 0.406)",
          {**OWN, "model.data_preprocessor": {"mean": [127.5] * 3}}, files=FILE),
    trial("channels turned", "the channels are in the order BGR",
          {**OWN, "model.data_preprocessor": {"to_rgb": True}}, files=FILE),
    trial("random weights", "timm's 'mobilenetv3_small_050' has random weights (weights=None)", network(), code=0),
    trial("an unknown name", "timm knows no classifier 'mobilenetv3_smal': set backbone.model_name to one of its list_",
          network(model_name="mobilenetv3_smal")),
    trial("a name that is no classifier's", "torchvision knows no classifier 'fcn_resnet50'",
          torchvisions(model_name="fcn_resnet50")),
    trial("an unknown tag", "did you mean 'lamb_in1k'", network(weights="lamb", num_classes=None)),
    trial("a tag twice", "backbone.model_name has the tag 'lamb_in1k' and backbone.weights is 'lamb_in1k': give one",
          network(model_name="mobilenetv3_small_050.lamb_in1k", weights="lamb_in1k")),
    trial("classes of one's own on published weights", "bring their classes, and backbone.num_classes is 3",
          network(weights="lamb_in1k")),
    trial("no classes", "TimmBackbone: num_classes must be an integer above 0, got 0", network(num_classes=0)),
    trial("no linear layer", "The logits of torchvision's 'squeezenet1_0' are not what one linear layer gives",
          torchvisions(model_name="squeezenet1_0")),
    trial("two last layers", "'deit_tiny_distilled_patch16_224' are not what one linear layer gives",
          network(model_name="deit_tiny_distilled_patch16_224")),
    trial("padded pictures", "timm pads pictures for 'volo_d4_448.sail_in1k' (crop_mode='center', crop_pct=1.15)",
          network(model_name="volo_d4_448")),
    trial("no file", "There is no file '{here}/own.pth': set backbone.checkpoint", OWN),
    trial("a file that is none", "own.pth' does not fit torchvision's 'shufflenet_v2_x0_5' or cannot be read (", OWN,
          files={"own.pth": "weights"}),
    trial("a file of other classes", "size mismatch for fc.weight", OWN, files={"own.pth": lambda path: save(path, 4)}),
    trial("other classes than the ID set", "model.head.num_classes is 4, but the ID set has 3 classes",
          network(num_classes=4)),
    trial("a head", "TimmBackbone brings all from the pixels to the logits: set model.head to None.",
          {**network(), "model.head": {"type": "LinearClsHead", "num_classes": 3, "in_channels": 1024}}),
    trial("a neck and a head", "set model.neck and model.head to None",
          {key: value for key, value in network().items() if key not in ("model.head", "model.neck")}),
    Trial("library: pixels of a validation", "The pipeline of ID resizes or cuts otherwise than the backbone",
          TRAINED, base="training", tool="train"),
    Trial("library: a training", "Pixels: 224x224 cut from 256x256, shortest, bicubic",
          {**TRAINED, "val_dataloader.dataset.pipeline": None}, base="training", tool="train", code=0),
    trial("MMPretrain's without a head", "model.head is None, and ResNet_CIFAR brings none as TorchvisionBackbone and",
          {"model.head": None}),
    trial("MMPretrain's, departing", "ResNet_CIFAR knows no pixels to depart from", {OVERRIDE: "pipeline"}),
]
