# ImageNet-100: training pictures with one jigsaw each in two views; other ImageNet classes in validation; iNaturalist,
# Places, SUN and Textures in the test. Where the data lie: configs/tagfog/README.md.
class_list = "imagenet100_tagfog_1"
training_images = dict(type="ClassFolders", data_root="data/imagenet/train", class_list=class_list)
data_preprocessor = dict(
    type="ImagePreprocessor", mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], to_rgb=False
)

# On Pillow images, by torchvision.
jitter = dict(type="torchvision/ColorJitter", brightness=0.4, contrast=0.4, saturation=0.4, hue=0.1)
augmentation = [
    dict(type="NumpyToPIL"),
    dict(type="torchvision/RandomResizedCrop", size=224, scale=(0.2, 1.0)),
    dict(type="torchvision/RandomHorizontalFlip"),
    dict(type="RandomApply", prob=0.8, transforms=[jitter]),
    dict(type="torchvision/RandomGrayscale", p=0.2),
]
train_dataloader = dict(
    batch_size=128,
    num_workers=12,
    sampler=dict(type="EpochSampler", shuffle=True),
    dataset=dict(
        type="TrainingSet",
        id_set=training_images,
        jigsaws_per_image=1,
        pipeline=[
            dict(type="LoadRGBImage"),
            dict(type="ShuffleTiles", grid=8, size=224),
            dict(type="MultiView", num_views=2, transforms=[augmentation]),
            dict(type="PackInputs"),
        ],
    ),
)
test_pipeline = [
    dict(type="LoadRGBImage"),
    dict(type="ResizeEdge", scale=256, edge="short", backend="pillow", interpolation="bilinear"),
    dict(type="CenterCrop", crop_size=224),
    dict(type="PackInputs", meta_keys=("img_path", "unreadable")),
]
id_set = dict(name="ImageNet-100-I", type="ClassFolders", data_root="data/imagenet/val", class_list=class_list)
# Classes of neither of the two lists: balloon, tank, missile, high-speed train, starfish, smooth newt, newt, European
# green lizard, Nile crocodile, Arctic fox, grey wolf, moped, steam locomotive, space shuttle and snowmobile.
other_classes = ["n02782093", "n04389033", "n03773504", "n02917067", "n02317335", "n01630670", "n01631663", "n01693334"]
other_classes += ["n01697457", "n02120079", "n02114367", "n03785016", "n04310018", "n04266014", "n04252077"]
# The ID images of the test, as is usual for ImageNet: a "best" checkpoint has seen them, the last one has not.
val_dataloader = dict(
    batch_size=256,
    num_workers=8,
    sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(
        type="OODBenchmark",
        pipeline=test_pipeline,
        id_set=id_set,
        ood_sets=[
            dict(name="other classes", type="ClassFolders", data_root="data/imagenet/val", class_list=other_classes)
        ],
    ),
)
test_dataloader = dict(
    batch_size=256,
    num_workers=8,
    sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(
        type="OODBenchmark",
        pipeline=test_pipeline,
        id_set=id_set,
        ood_sets=[
            dict(name="iNaturalist", type="Pictures", data_root="data/iNaturalist"),
            dict(name="Places", type="Pictures", data_root="data/Places"),
            dict(name="SUN", type="Pictures", data_root="data/SUN"),
            dict(name="Textures", type="Pictures", data_root="data/dtd/images"),
        ],
    ),
)
