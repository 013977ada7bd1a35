custom_imports = dict(imports=["mmneglabel"])
default_scope = "mmpretrain"
default_hooks = dict(logger=dict(type="LoggerHook", interval=50))
env_cfg = dict(cudnn_benchmark=True, mp_cfg=dict(mp_start_method="fork"), dist_cfg=dict(backend="nccl"))
model_wrapper_cfg = dict(type="PassThroughWrapper")
log_level = "INFO"

test_cfg = dict(type="OODTestLoop")
test_evaluator = dict(type="OODMetric")
