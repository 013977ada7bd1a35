# MCM, GL-MCM, MaxLogit and Energy: the scores that know the ID labels alone. Nothing is mined.
# python tools/test.py configs/mcm/mcm_clip-vit-b16_in1k.py
# bash tools/dist_test.sh configs/mcm/mcm_clip-vit-b16_in1k.py none 8
_base_ = "../neglabel/neglabel_clip-vit-b16_in1k.py"

model = dict(
    scores={
        "_delete_": True,
        "MCM": dict(type="MCMScore", bank="photo"),
        "GL-MCM": dict(type="GLMCMScore", bank="photo"),
        "MaxLogit": dict(type="MaxLogitScore", bank="photo"),
        "Energy": dict(type="EnergyScore", bank="photo"),
    },
)
custom_hooks = [
    dict(
        type="NegLabelMiningHook",
        banks=dict(photo=dict(type="LabelsOnly", prompts=dict(label="a photo of a {}"))),
    ),
    dict(type="OODReportHook"),
]
