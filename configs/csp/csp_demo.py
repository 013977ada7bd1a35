# CSP: NegLabel's score over the conjugated semantic pool, beside NegLabel's own words, on the embedded demo.
# python tools/test.py configs/csp/csp_demo.py
_base_ = ["../neglabel/neglabel_demo.py", "../_base_/methods/csp.py"]

model = dict(predict_with="csp", scores={{_base_.method_scores}})
custom_hooks = {{_base_.method_hooks}}
