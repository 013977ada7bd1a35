# What training runs share: the log and its curves, checkpoints, the metric of validation and test, random numbers.
custom_imports = dict(imports=["mmneglabel"])
default_scope = "mmpretrain"
default_hooks = dict(
    logger=dict(type="LoggerHook", interval=50),
    checkpoint=dict(
        type="CheckpointHook",
        interval=10,
        max_keep_ckpts=3,
        save_best="ood/MSP/auroc",  # of the validation's OOD sets together
        rule="greater",
        backend_args=dict(backend="atomic"),
    ),
)
# To be put behind a method's own hooks: `custom_hooks = [..., *_base_.training_hooks]`.
training_hooks = [
    dict(type="PlainCheckpointHook"),
    dict(type="SyncBuffersHook"),  # on several CPUs: one batch norm to validate and to save
    dict(type="OODReportHook"),
]
custom_hooks = training_hooks
visualizer = dict(
    type="UniversalVisualizer", vis_backends=[dict(type="LocalVisBackend"), dict(type="TensorboardVisBackend")]
)
env_cfg = dict(cudnn_benchmark=True, mp_cfg=dict(mp_start_method="fork"), dist_cfg=dict(backend="nccl"))
sync_bn = "torch"  # on several GPUs: batch norm over the batch of all of them
randomness = dict(seed=0)
log_level = "INFO"

val_cfg = dict()
val_evaluator = dict(type="OODMetric")
test_cfg = dict(type="OODTestLoop")
test_evaluator = dict(type="OODMetric")
