# python tools/test.py configs/posthoc/posthoc_torchvision-resnet50_in1k.py prints eight post-hoc scores of
# torchvision's ResNet-50 on ImageNet-1k against iNaturalist, SUN, Places and Textures; all of it
# from pixels to logits is torchvision's.
# GPUS=8 bash tools/slurm_test.sh PARTITION JOB configs/posthoc/posthoc_torchvision-resnet50_in1k.py
# bash tools/dist_test.sh configs/posthoc/posthoc_torchvision-resnet50_in1k.py none 8
_base_ = "./posthoc_resnet50_in1k.py"

load_from = None
model = dict(
    backbone=dict(_delete_=True, type="TorchvisionBackbone", model_name="resnet50", weights="IMAGENET1K_V1"),
    neck=None,
    head=None,
    data_preprocessor=None,
)
test_dataloader = dict(dataset=dict(pipeline=None))
