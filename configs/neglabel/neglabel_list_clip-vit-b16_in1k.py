# NegLabel with the 10,499 negatives that its authors published for ImageNet-1k, in their order, in place of mining.
# python tools/test.py configs/neglabel/neglabel_list_clip-vit-b16_in1k.py
# bash tools/dist_test.sh configs/neglabel/neglabel_list_clip-vit-b16_in1k.py none 8
_base_ = "./neglabel_clip-vit-b16_in1k.py"

published = "data/neglabel/selected_neg_labels/selected_neg_labels_in1k_10k.txt"
custom_hooks = [
    dict(
        type="NegLabelMiningHook",
        banks=dict(
            neglabel=dict(type="ReadyList", path=published),
            photo=dict(type="LabelsOnly", prompts=dict(label="a photo of a {}")),
        ),
    ),
    dict(type="OODReportHook"),
]
