# CIFAR-10: training pictures with two jigsaws each in two views; CIFAR-100 in validation; six far OOD sets in the test.
# Where the data lie: configs/tagfog/README.md. Nothing is downloaded.
id_images = dict(type="CIFAR10", data_root="data/cifar10", download=False)
near_images = dict(type="CIFAR100", data_root="data/cifar100", download=False)
training_images = dict(**id_images, split="train")
data_preprocessor = dict(
    type="ImagePreprocessor", mean=[125.307, 122.961, 113.8575], std=[51.5865, 50.847, 51.255], to_rgb=False
)

# On Pillow images, by torchvision.
jitter = dict(type="torchvision/ColorJitter", brightness=0.4, contrast=0.4, saturation=0.4, hue=0.1)
augmentation = [
    dict(type="NumpyToPIL"),
    dict(type="torchvision/RandomResizedCrop", size=32, scale=(0.2, 1.0)),
    dict(type="torchvision/RandomHorizontalFlip"),
    dict(type="RandomApply", prob=0.8, transforms=[jitter]),
    dict(type="torchvision/RandomGrayscale", p=0.2),
]
train_dataloader = dict(
    batch_size=512,
    num_workers=8,
    sampler=dict(type="EpochSampler", shuffle=True),
    dataset=dict(
        type="TrainingSet",
        id_set=training_images,
        jigsaws_per_image=2,
        pipeline=[
            dict(type="LoadRGBImage"),
            dict(type="ShuffleTiles", grid=4),
            dict(type="MultiView", num_views=2, transforms=[augmentation]),
            dict(type="PackInputs"),
        ],
    ),
)
test_pipeline = [
    dict(type="LoadRGBImage"),
    dict(type="ResizeEdge", scale=32, edge="short", backend="pillow", interpolation="bilinear"),
    dict(type="CenterCrop", crop_size=32),
    dict(type="PackInputs", meta_keys=("img_path", "unreadable")),
]
id_set = dict(name="CIFAR-10", split="test", **id_images)
# The ID images of the test, as is usual for CIFAR: a "best" checkpoint has seen them, the last one has not.
val_dataloader = dict(
    batch_size=512,
    num_workers=4,
    sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(
        type="OODBenchmark",
        pipeline=test_pipeline,
        id_set=id_set,
        ood_sets=[dict(name="CIFAR-100", split="test", **near_images)],
    ),
)
far_sets = [
    dict(name="Textures", type="Pictures", data_root="data/dtd/images"),
    dict(
        name="SVHN",
        type="Pictures",
        data_root="data/openood",
        data_prefix="images_classic",
        table="benchmark_imglist/cifar10/test_svhn.txt",
    ),
    dict(name="iSUN", type="Pictures", data_root="data/iSUN/iSUN_patches"),
    dict(name="LSUN-C", type="Pictures", data_root="data/LSUN/test"),
    dict(name="LSUN-R", type="Pictures", data_root="data/LSUN_resize/LSUN_resize"),
    dict(name="Places365", type="Pictures", data_root="data/places365/test_subset"),
]
test_dataloader = dict(
    batch_size=512,
    num_workers=4,
    sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(type="OODBenchmark", pipeline=test_pipeline, id_set=id_set, ood_sets=far_sets),
)
