# The scores that know the ID labels alone, on the embedded demo.
# python tools/test.py configs/mcm/mcm_demo.py
_base_ = ["../neglabel/neglabel_demo.py", "../_base_/methods/mcm.py"]

model = dict(scores={{_base_.method_scores}})
custom_hooks = {{_base_.method_hooks}}
