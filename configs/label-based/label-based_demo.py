# Every label-based method in one pass and one table, on the embedded demo.
# python tools/test.py configs/label-based/label-based_demo.py
_base_ = "../neglabel/neglabel_demo.py"

imagined = "{{ fileDirname }}/../../demo/imagined_outliers.txt"
model = dict(
    predict_with="neglabel",
    scores={
        "_delete_": True,
        "MCM": dict(type="MCMScore", bank="photo"),
        "GL-MCM": dict(type="GLMCMScore", bank="photo"),
        "EOE": dict(type="EOEScore", bank="imagined"),
        "MaxLogit": dict(type="MaxLogitScore", bank="photo"),
        "Energy": dict(type="EnergyScore", bank="photo"),
        "NegLabel": dict(type="NegLabelScore", bank="neglabel"),
        "CSP": dict(type="NegLabelScore", bank="csp"),
        "NegRefine": dict(type="NegRefineScore", bank="negrefine"),
    },
)
pool = dict(type="CSP", quantile=1.0, drop_labels=True)
custom_hooks = [
    dict(
        type="NegLabelMiningHook",
        banks=dict(
            photo=dict(type="LabelsOnly", prompts=dict(label="a photo of a {}")),
            imagined=dict(type="ImaginedList", path=imagined),
            neglabel=dict(type="NegMining"),
            csp=dict(type="CSP"),
            negrefine=dict(type="NegFilter", pool=pool, judge=dict(type="WordNetJudge")),
        ),
    ),
    dict(type="OODReportHook"),
]
