# Six classes of CIFAR-10 (animals) against its other four (vehicles), photographs and pictographs, from plain folders:
#   data/cifar10/{train,test}/CLASS/*   the 32x32 pictures as files, 5,000 and 1,000 a class
#   data/photographs                    any photographs without these animals
# A subset for a CPU: the first 1,000 training pictures of each class.
data_root = "data/cifar10"
pictures = "{{ fileDirname }}/../../../demo/pictures"
animals = ["bird", "cat", "deer", "dog", "frog", "horse"]
subset = [5000 * label + i for label in range(6) for i in range(1000)]
held_out = [5000 * label + i for label in range(6) for i in range(4800, 5000)]
training_images = dict(type="ClassFolders", data_root=f"{data_root}/train", class_list=animals, indices=subset)

# On Pillow images, by torchvision.
jitter = dict(type="torchvision/ColorJitter", brightness=0.4, contrast=0.4, saturation=0.4, hue=0.1)
augmentation = [
    dict(type="NumpyToPIL"),
    dict(type="torchvision/RandomResizedCrop", size=32, scale=(0.2, 1.0)),
    dict(type="torchvision/RandomHorizontalFlip"),
    dict(type="RandomApply", prob=0.8, transforms=[jitter]),
    dict(type="torchvision/RandomGrayscale", p=0.2),
]
test_pipeline = [
    dict(type="LoadRGBImage"),
    dict(type="ResizeEdge", scale=32, edge="short", backend="pillow", interpolation="bilinear"),
    dict(type="CenterCrop", crop_size=32),
    dict(type="PackInputs", meta_keys=("img_path", "unreadable")),
]
train_dataloader = dict(
    batch_size=128,
    num_workers=1,
    sampler=dict(type="DefaultSampler", shuffle=True),
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
# Chosen by neither test images nor test OOD sets: held-out training images against pictographs of other kinds.
val_dataloader = dict(
    batch_size=256,
    num_workers=0,
    sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(
        type="OODBenchmark",
        pipeline=test_pipeline,
        id_set=dict(
            name="held-out animals",
            type="ClassFolders",
            data_root=f"{data_root}/train",
            class_list=animals,
            indices=held_out,
        ),
        ood_sets=[
            dict(name=name, type="ImageFolder", data_root=f"{pictures}/{name}") for name in ("activities", "plants")
        ],
    ),
)
test_dataloader = dict(
    batch_size=256,
    num_workers=0,
    sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(
        type="OODBenchmark",
        pipeline=test_pipeline,
        id_set=dict(name="animals", type="ClassFolders", data_root=f"{data_root}/test", class_list=animals),
        ood_sets=[
            *[
                dict(name=vehicle, type="ImageFolder", data_root=f"{data_root}/test/{vehicle}")
                for vehicle in ("airplane", "automobile", "ship", "truck")
            ],
            dict(name="photographs", type="ImageFolder", data_root="data/photographs"),
            *[
                dict(name=name, type="ImageFolder", data_root=f"{pictures}/{name}")
                for name in ("food", "objects", "symbols")
            ],
        ],
        groups=dict(vehicles=["airplane", "automobile", "ship", "truck"], pictographs=["food", "objects", "symbols"]),
    ),
)
