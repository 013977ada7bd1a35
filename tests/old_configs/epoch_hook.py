# custom_hooks.0.type: nothing is called 'EpochSeedHook' any more: leave it out, and give train_dataloader.sampler=
_base_ = __import__("mmneglabel").config("posthoc/posthoc_resnet50_in1k.py")
custom_hooks = [dict(type="EpochSeedHook"), dict(type="OODReportHook")]
