# test_dataloader.sampler.type: nothing is called 'ShareSampler' any more: write sampler=dict(type='DefaultSampler'
_base_ = __import__("mmneglabel").config("neglabel/neglabel_demo.py")
test_dataloader = dict(sampler=dict(_delete_=True, type="ShareSampler"))
