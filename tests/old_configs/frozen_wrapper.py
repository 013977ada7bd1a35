# model_wrapper_cfg.type: nothing is called 'FrozenModelWrapper' any more: write type='PassThroughWrapper'
_base_ = __import__("mmneglabel").config("neglabel/neglabel_demo.py")
model_wrapper_cfg = dict(type="FrozenModelWrapper")
