# custom_hooks.1.save_scores: OODReportHook has no 'save_scores' any more: leave it out: every test keeps its scores
_base_ = __import__("mmneglabel").config("neglabel/neglabel_demo.py")
custom_hooks = [dict(type="NegLabelMiningHook"), dict(type="OODReportHook", save_scores=True)]
