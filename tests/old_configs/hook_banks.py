# custom_hooks.0.banks: NegLabelMiningHook has no 'banks' any more: leave it out: each score says who mines its words
_base_ = __import__("mmneglabel").config("neglabel/neglabel_demo.py")
custom_hooks = [
    dict(type="NegLabelMiningHook", banks=dict(neglabel=dict(type="NegMining"))),
    dict(type="OODReportHook"),
]
