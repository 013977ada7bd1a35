# python tools/test.py configs/neglabel/neglabel_demo.py prints NegLabel beside MCM on the embedded demo, offline.
# A tiny model of our own, 70,000 words, pictographs in an unseen style. A toy: it shows that the pipeline works, not
# how good the method is (demo/README.md).
_base_ = ["../_base_/datasets/demo.py", "../_base_/runtime/test.py"]

demo = "{{ fileDirname }}/../../demo"
nice = dict(prompts=dict(label="the nice {}"))  # the labels as NegLabel writes them
model = dict(
    type="NegLabelClassifier",
    backbone=dict(
        type="OpenCLIPBackbone",
        model_name=f"{demo}/mmneglabel-demo.json",
        pretrained=f"{demo}/mmneglabel-demo.safetensors",
    ),
    class_names=f"{demo}/class_names.txt",
    scores={
        "MCM": dict(bank=nice),
        "MaxCosine": dict(method="MaxLogit", bank=nice),
        "NegLabel-random": dict(),  # the control: as many words, drawn at random instead of by distance
        "NegLabel": dict(),
    },
)
custom_hooks = [dict(type="NegLabelMiningHook"), dict(type="OODReportHook", report=True)]
