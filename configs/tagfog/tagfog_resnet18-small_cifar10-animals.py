# python tools/train.py configs/tagfog/tagfog_resnet18-small_cifar10-animals.py trains TagFog on a CPU: docs/tagfog.md.
# Six classes of CIFAR-10.
# then python tools/test.py with this config and epoch_12.pth of its work dir prints eight post-hoc scores
_base_ = [
    "../_base_/models/resnet18_small.py",
    "../_base_/datasets/cifar10_animals.py",
    "../_base_/runtime/train.py",
]
demo = "{{ fileDirname }}/../../demo"
model = dict(head=dict(type="TagFogHead", num_classes=6, in_channels=128, anchor_dim=160))

# The paper's 200 epochs squeezed into 12.
train_cfg = dict(by_epoch=True, max_epochs=12, val_interval=1)
optim_wrapper = dict(optimizer=dict(type="SGD", lr=0.05, momentum=0.9, weight_decay=1e-4))
param_scheduler = [
    dict(type="LinearLR", start_factor=0.2, by_epoch=True, begin=0, end=1, convert_to_iter_based=True),
    dict(type="MultiStepLR", by_epoch=True, milestones=[9, 11], gamma=0.1),
]
default_hooks = dict(logger=dict(interval=20), checkpoint=dict(interval=1))
fit = dict(type="PostHocFitHook", dataloader=dict(dataset=_base_.training_images))
custom_hooks = [
    dict(
        type="TextAnchorHook",
        # The demo's tiny tower, since CLIP's would want a download: its anchors say little.
        backbone=dict(
            type="OpenCLIPBackbone",
            model_name=f"{demo}/mmneglabel-demo.json",
            pretrained=f"{demo}/mmneglabel-demo.safetensors",
        ),
        descriptions=dict(type="PlainPrompts", template="the nice {}"),
    ),
    fit,
    *_base_.training_hooks,
]
