# The whole method on a laptop, offline: a tiny model of our own, 70,000 words, pictographs in an unseen style.
# python tools/test.py configs/neglabel/neglabel_demo.py
# A toy: it shows that the pipeline works, not how good the method is (demo/README.md).
_base_ = ["../_base_/datasets/demo.py", "../_base_/runtime/test.py"]

seed = 0
demo = "{{ fileDirname }}/../../demo"
model = dict(
    type="NegLabelClassifier",
    backbone=dict(
        type="OpenCLIPBackbone",
        model_name=f"{demo}/mmneglabel-demo.json",
        pretrained=f"{demo}/mmneglabel-demo.safetensors",
    ),
    class_names=f"{demo}/class_names.txt",
    scores={
        "MCM": dict(type="MCMScore", bank="neglabel"),
        "MaxCosine": dict(type="MaxLogitScore", bank="neglabel"),
        "NegLabel-random": dict(type="NegLabelScore", bank="random"),
        "NegLabel": dict(type="NegLabelScore", bank="neglabel"),
    },
)
custom_hooks = [
    dict(
        type="NegLabelMiningHook",
        banks=dict(
            neglabel=dict(type="NegMining", seed=seed),
            # The control: as many words, drawn at random instead of by distance.
            random=dict(type="RandomWords", seed=seed),
        ),
    ),
    dict(type="OODReportHook"),
]
