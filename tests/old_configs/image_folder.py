# test_dataloader.dataset.ood_sets.0.type: nothing is called 'ImageFolder' any more: write type='Pictures'
_base_ = __import__("mmneglabel").config("neglabel/neglabel_demo.py")
test_dataloader = dict(dataset=dict(ood_sets=[dict(name="a", type="ImageFolder", data_root="a")]))
