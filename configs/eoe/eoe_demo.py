# EOE: MCM less a share of the confidence in imagined outlier names, on the embedded demo.
# python tools/test.py configs/eoe/eoe_demo.py
_base_ = "../neglabel/neglabel_demo.py"

imagined = "{{ fileDirname }}/../../demo/imagined_outliers.txt"
photo = dict(label="a photo of a {}", noun="a photo of a {}")
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
            imagined=dict(type="ReadyList", path=imagined, drop_labels=True, groups=1, prompts=photo),
            photo=dict(type="LabelsOnly", prompts=photo),
        ),
    ),
    dict(type="OODReportHook"),
]
