# python tools/test.py configs/posthoc/posthoc_timm-vit-b16_openood-v15.py prints the post-hoc scores of
# timm's ViT-B/16 on OpenOOD v1.5's lists, beside posthoc_resnet50_openood-v15.py: the same pictures.
_base_ = ["./posthoc_timm-vit-b16_in1k.py", "../_base_/datasets/openood_v15.py"]

test_dataloader = dict(dataset=dict(**_base_.openood_v15))
