# The scores that know the ID labels alone, on the embedded demo.
# python tools/test.py configs/mcm/mcm_demo.py
_base_ = "../neglabel/neglabel_demo.py"

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
