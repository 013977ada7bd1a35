# model.scores.Energy.type: nothing is called 'EnergyDetector' any more: write type='EnergyScore'
_base_ = __import__("mmneglabel").config("posthoc/posthoc_resnet50_in1k.py")
model = dict(scores=dict(Energy=dict(type="EnergyDetector")))
