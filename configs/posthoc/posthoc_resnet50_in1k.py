# python tools/test.py configs/posthoc/posthoc_resnet50_in1k.py prints eight post-hoc scores of a ResNet-50
# of MMPretrain's on ImageNet-1k against iNaturalist, SUN, Places and Textures.
# GPUS=8 bash tools/slurm_test.sh PARTITION JOB configs/posthoc/posthoc_resnet50_in1k.py resnet50.pth
# bash tools/dist_test.sh configs/posthoc/posthoc_resnet50_in1k.py resnet50.pth 8
_base_ = ["../_base_/datasets/imagenet_ood.py", "../_base_/runtime/test.py"]

load_from = "https://download.openmmlab.com/mmclassification/v0/resnet/resnet50_8xb32_in1k_20210831-ea4938fc.pth"
model = dict(
    type="PostHocClassifier",
    backbone=dict(type="ResNet", depth=50, num_stages=4, out_indices=(3,), style="pytorch"),
    neck=dict(type="GlobalAveragePooling"),
    head=dict(type="LinearClsHead", num_classes=1000, in_channels=2048),
    # In RGB, as LoadRGBImage loads: to_rgb=True is for LoadImageFromFile, which loads BGR.
    data_preprocessor=dict(
        type="ImagePreprocessor", mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], to_rgb=False
    ),
    scores=dict(
        MSP=dict(),
        MaxLogit=dict(),
        Energy=dict(),
        ReAct=dict(),
        ODIN=dict(),
        Mahalanobis=dict(),
        KNN=dict(k=150),
        ViM=dict(),
    ),
)
# The preprocessing that the network was tested with.
test_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type="LoadRGBImage"),
            dict(type="ResizeEdge", scale=256, edge="short", backend="cv2", interpolation="bilinear"),
            dict(type="CenterCrop", crop_size=224),
            dict(type="PackInputs", meta_keys=("sample_idx", "img_path", "unreadable")),
        ]
    )
)
custom_hooks = [
    dict(
        type="PostHocFitHook",
        dataloader=dict(dataset=dict(type="ImageNet", data_root="data/imagenet", split="train")),
        max_images=200_000,
    ),
    dict(type="OODReportHook"),
]
