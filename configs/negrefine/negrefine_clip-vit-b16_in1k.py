# NegRefine: CSP's pool filtered by WordNet, NegLabel's score plus multi-matching, on CLIP ViT-B/16 and ImageNet-1k.
# python tools/test.py configs/negrefine/negrefine_clip-vit-b16_in1k.py
# bash tools/dist_test.sh configs/negrefine/negrefine_clip-vit-b16_in1k.py none 8
_base_ = ["../neglabel/neglabel_clip-vit-b16_in1k.py", "../_base_/methods/negrefine.py"]

model = dict(
    predict_with="negrefine",
    preprocessing_override=None,  # CLIP's own bicubic pixels, as in the authors' code
    scores={{_base_.method_scores}},
)
custom_hooks = {{_base_.method_hooks}}
