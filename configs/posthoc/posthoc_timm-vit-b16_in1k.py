# python tools/test.py configs/posthoc/posthoc_timm-vit-b16_in1k.py prints eight post-hoc scores of a ViT-B/16 of
# timm's on ImageNet-1k against iNaturalist, SUN, Places and Textures; all of it from pixels to logits is timm's.
# GPUS=8 bash tools/slurm_test.sh PARTITION JOB configs/posthoc/posthoc_timm-vit-b16_in1k.py
# bash tools/dist_test.sh configs/posthoc/posthoc_timm-vit-b16_in1k.py none 8
_base_ = "./posthoc_resnet50_in1k.py"

load_from = None
model = dict(
    backbone=dict(
        _delete_=True,
        type="TimmBackbone",
        model_name="vit_base_patch16_224",
        weights="augreg2_in21k_ft_in1k",
    ),
    neck=None,
    head=None,
    data_preprocessor=None,
)
test_dataloader = dict(dataset=dict(pipeline=None))
