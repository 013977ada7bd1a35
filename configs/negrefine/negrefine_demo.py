# NegRefine: CSP's pool filtered by WordNet, NegLabel's score plus multi-matching, on the embedded demo.
# python tools/test.py configs/negrefine/negrefine_demo.py
_base_ = ["../neglabel/neglabel_demo.py", "../_base_/methods/negrefine.py"]

model = dict(predict_with="negrefine", scores={{_base_.method_scores}})
custom_hooks = {{_base_.method_hooks}}
