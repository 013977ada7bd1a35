# test_dataloader.dataset.ood_sets.0.type: nothing is called 'ImageList' any more: write dict(type='Pictures', table=
_base_ = __import__("mmneglabel").config("neglabel/neglabel_demo.py")
test_dataloader = dict(dataset=dict(ood_sets=[dict(name="a", type="ImageList", ann_file="a.txt")]))
