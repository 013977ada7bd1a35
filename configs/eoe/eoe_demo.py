# EOE: MCM less a share of the confidence in imagined outlier names, on the embedded demo.
# python tools/test.py configs/eoe/eoe_demo.py
_base_ = "../neglabel/neglabel_demo.py"

imagined = "{{ fileDirname }}/../../demo/imagined_outliers.txt"
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
