"""Pictures shown to a tower otherwise than it was trained, by any way of writing it."""

from trials.trial import Trial

DATASET = "test_dataloader.dataset"
LOAD, PACK = {"type": "LoadRGBImage"}, {"type": "PackInputs", "meta_keys": ["img_path", "unreadable"]}
CROP = {"type": "CenterCrop", "crop_size": 8}


def short_edge(backend="pillow", interpolation="bilinear", load=LOAD):
    resize = {"type": "ResizeEdge", "scale": 8, "edge": "short", "backend": backend, "interpolation": interpolation}
    return [load, resize, CROP, PACK]


def pipeline(steps):
    return {f"{DATASET}.pipeline": steps}


BGR = short_edge(load={"type": "LoadImageFromFile"})
OVERRIDE = "model.preprocessing_override"
LEARNED = "custom_hooks.0.dataloader.dataset.pipeline"
PLAIN = [LOAD, {"type": "CenterCrop", "crop_size": 10}, PACK]
STEP = "dataset.pipeline.0"
PLAIN_BGR = [{"type": "LoadImageFromFile"}, *PLAIN[1:]]

# fmt: off
TRIALS = [
    Trial("another filter", "Pixels of ID: interpolation is bicubic and the backbone's bilinear.",
          pipeline(short_edge(interpolation="bicubic"))),
    Trial("another filter on purpose", "by model.preprocessing_override (the backbone's: interpolation bilinear)",
          {**pipeline(short_edge(interpolation="bicubic")), OVERRIDE: {"interpolation": "bicubic"}}, code=0),
    Trial("another filter than on purpose", "interpolation is bilinear and the backbone's bicubic",
          {OVERRIDE: {"interpolation": "bicubic"}}),
    Trial("squashed", "resize_mode is squash and the backbone's shortest",
          pipeline([LOAD, {"type": "Resize", "scale": (8, 8), "backend": "pillow"}, PACK])),
    Trial("by OpenCV", "cuts otherwise than the backbone was trained", pipeline(short_edge("cv2"))),
    Trial("by OpenCV on purpose", "Pixels: as the pipelines make them, on purpose",
          {**pipeline(short_edge("cv2")), OVERRIDE: "pipeline"}, code=0),
    Trial("channels in the order BGR", "the channels are in the order BGR and the backbone's in RGB", pipeline(BGR)),
    Trial("channels turned by the preprocessor", "Pixels: 8x8, shortest, bilinear",
          {**pipeline(BGR), "model.data_preprocessor": {"to_rgb": True}}, code=0),
    Trial("channels turned twice", "the channels are in the order BGR", {"model.data_preprocessor": {"to_rgb": True}}),
    Trial("another mean and std", "mean is (0.4815, 0.4578, 0.4082) and the backbone's (0.5, 0.5, 0.5); std is (",
          {"model.data_preprocessor": {"mean": [122.77, 116.75, 104.09], "std": [68.5, 66.6, 70.3]}}),
    Trial("another size", "size is (9, 9) and the backbone's (8, 8)",
          pipeline([LOAD, {"type": "Resize", "scale": (9, 9), "backend": "pillow"}, PACK])),
    Trial("one set alone", "Pixels of far: interpolation is nearest",
          {f"{DATASET}.ood_sets.1.pipeline": short_edge(interpolation="nearest")}),
    Trial("no pipeline at all", "mean 0.5/0.5/0.5, std 0.5/0.5/0.5, as the backbone was trained.",
          pipeline(None), code=0),
    Trial("a pipeline that fails", "preprocessor of ID fail on a picture of 27x17 (",
          pipeline([LOAD, PACK, PACK])),
    Trial("not normalised", "mean is (0.0, 0.0, 0.0) and the backbone's (0.5, 0.5, 0.5); std is (1.0, 1.0, 1.0) and",
          {"model.data_preprocessor": {"mean": [0] * 3, "std": [255] * 3}}),
    Trial("mean hardly another", "mean is (0.5004, 0.5004, 0.5004) and the backbone's (0.5, 0.5, 0.5)",
          {"model.data_preprocessor": {"mean": [127.6] * 3}}),
    Trial("flipped now and then", "The pipeline of ID draws random numbers",
          pipeline([LOAD, *short_edge()[1:3], {"type": "RandomFlip", "prob": 0.01}, PACK])),
    Trial("cut from a larger picture, on purpose", "Pixels: 8x8 cut from 12x12, shortest, bilinear",
          {**pipeline(None), OVERRIDE: {"resized_to": (12, 12)}}, code=0),
    Trial("cut from no larger picture", "resized_to is None and the backbone's (12, 12)",
          {OVERRIDE: {"resized_to": (12, 12)}}),
    Trial("an override of nothing known", "give a dict of some of mean, std, inter", {OVERRIDE: {"filter": "bicubic"}}),
    Trial("another size on purpose", "give a dict of some of mean, std, inter",
          {**pipeline(None), OVERRIDE: {"size": (9, 9)}}),
    Trial("post hoc, channels turned", "takes it for BGR: set it to False", {"model.data_preprocessor.to_rgb": True},
          base="posthoc"),
    Trial("post hoc, no pipeline", "ID has no pipeline", pipeline(None), base="posthoc"),
    Trial("post hoc, channels turned where detectors learn", "The pipeline of the ID training set loads RGB",
          {**pipeline(PLAIN_BGR), LEARNED: PLAIN, "model.data_preprocessor.to_rgb": True}, base="posthoc"),
    Trial("post hoc, two orders of channels", "loads RGB (LoadRGBImage) and that of the ID training set BGR",
          {LEARNED: PLAIN_BGR}, base="posthoc"),
    Trial("post hoc, black pictures learned from", "PostHocFitHook: PackInputs must carry 'unreadable'",
          {LEARNED: [*PLAIN[:2], {"type": "PackInputs"}]}, base="posthoc"),
    Trial("channels turned in training", "The pipeline of the training set loads RGB (LoadRGBImage), and model",
          {"model.data_preprocessor.to_rgb": True}, base="training", tool="train"),
    Trial("two orders of channels in training", "loads RGB (LoadRGBImage) and that of the training set BGR",
          {f"train_dataloader.{STEP}": {"type": "LoadImageFromFile"}}, base="training", tool="train"),
]
