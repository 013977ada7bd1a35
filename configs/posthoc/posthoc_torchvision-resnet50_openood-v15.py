# python tools/test.py configs/posthoc/posthoc_torchvision-resnet50_openood-v15.py prints the post-hoc scores of
# torchvision's ResNet-50 on OpenOOD v1.5's lists, beside posthoc_resnet50_openood-v15.py: the same pictures.
_base_ = ["./posthoc_torchvision-resnet50_in1k.py", "../_base_/datasets/openood_v15.py"]

test_dataloader = dict(dataset=dict(**_base_.openood_v15))
