# EOE: MCM less a share of the confidence in imagined outlier names, on CLIP ViT-B/16 and ImageNet-1k.
# python tools/test.py configs/eoe/eoe_clip-vit-b16_in1k.py
# bash tools/dist_test.sh configs/eoe/eoe_clip-vit-b16_in1k.py none 8
_base_ = "../neglabel/neglabel_clip-vit-b16_in1k.py"

imagined = "data/eoe/far_300_ImageNet_gpt-3.5-turbo-16k_0.json"  # a file of the authors'; or one name a line
model = dict(
    predict_with="photo",
    scores={
        "_delete_": True,
        "EOE": dict(type="EOEScore", bank="imagined"),
        "MCM": dict(type="MCMScore", bank="photo"),
    },
)
custom_hooks = [
    dict(
        type="NegLabelMiningHook",
        banks=dict(
            imagined=dict(type="ImaginedList", path=imagined),
            photo=dict(type="LabelsOnly", prompts=dict(label="a photo of a {}")),
        ),
    ),
    dict(type="OODReportHook"),
]
