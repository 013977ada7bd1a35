# bash tools/dist_test.sh configs/tanl/tanl_clip-vit-b16_openood-v15.py none 8 prints the same scores on OpenOOD v1.5's
# lists: near and far sets of ImageNet-1k. The FPR95 of tables has OOD as the positive class.
_base_ = "./tanl_clip-vit-b16_in1k.py"

test_dataloader = dict(dataset=dict(**_base_.openood_v15))
