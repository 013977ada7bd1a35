# NegLabel on CLIP ViT-B/16, with the scores it is compared to, all from the same pass over the images.
model = dict(
    type="NegLabelClassifier",
    backbone=dict(type="OpenCLIPBackbone", model_name="ViT-B-16", pretrained="openai"),
    class_names="imagenet",
    # NegLabel's authors resize bilinearly; CLIP's own way is bicubic.
    preprocessing_override=dict(interpolation="bilinear"),
    scores=dict(
        NegLabel=dict(type="NegLabelScore", bank="neglabel"),
        MCM=dict(type="MCMScore", bank="photo"),
        MaxLogit=dict(type="MaxLogitScore", bank="photo"),
        Energy=dict(type="EnergyScore", bank="photo"),
    ),
)
custom_hooks = [
    dict(
        type="NegLabelMiningHook",
        banks=dict(
            # The words that NegLabel's authors released (txtfiles/README.md), as in the papers' rows.
            neglabel=dict(type="NegMining", corpus="neglabel", quantile=0.95, ratio=0.15, seed=0),
            photo=dict(type="LabelsOnly", prompts=dict(label="a photo of a {}")),
        ),
    ),
    dict(type="OODReportHook"),
]
