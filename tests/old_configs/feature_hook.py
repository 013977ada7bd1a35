# custom_hooks.0.type: nothing is called 'FeatureCacheHook' any more: leave it out, and give test_cfg=
_base_ = __import__("mmneglabel").config("neglabel/neglabel_demo.py")
custom_hooks = [dict(type="FeatureCacheHook"), dict(type="NegLabelMiningHook"), dict(type="OODReportHook")]
