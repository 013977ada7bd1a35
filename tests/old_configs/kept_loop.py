# test_cfg.type: nothing is called 'KeptFeaturesLoop' any more: write test_cfg=dict(type='OODTestLoop', features='kept')
_base_ = __import__("mmneglabel").config("neglabel/neglabel_demo.py")
test_cfg = dict(type="KeptFeaturesLoop")
