# python tools/train.py configs/tagfog/tagfog_resnet50_imagenet100-2.py trains TagFog as in the paper, ImageNet-100-II:
# the same with another list of classes, and so with other anchors.
_base_ = "./tagfog_resnet50_imagenet100-1.py"

class_list = "imagenet100_tagfog_2"
training_images = dict(type="ClassFolders", data_root="data/imagenet/train", class_list=class_list)
id_set = dict(name="ImageNet-100-II", class_list=class_list)
train_dataloader = dict(dataset=dict(id_set=id_set))
val_dataloader = dict(dataset=dict(id_set=id_set))
test_dataloader = dict(dataset=dict(id_set=id_set))
custom_hooks = [
    dict(
        type="TextAnchorHook",
        backbone=_base_.text_tower,
        descriptions=dict(type="DescriptionFile", path="txtfiles/descriptions/imagenet100_tagfog_2.tsv"),
    ),
    dict(type="PostHocFitHook", dataloader=dict(dataset=training_images)),
    *_base_.training_hooks,
]
