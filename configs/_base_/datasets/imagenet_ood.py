# ImageNet-1k against iNaturalist, SUN, Places and Textures: the benchmark of the NegLabel paper.
# The preprocessing is that of NegLabel's authors: bilinear resize of the short side with Pillow, centre crop.
# CLIP's own is bicubic: interpolation="bicubic".
pipeline = [
    dict(type="LoadRGBImage"),
    dict(type="ResizeEdge", scale=224, edge="short", backend="pillow", interpolation="bilinear"),
    dict(type="CenterCrop", crop_size=224),
    dict(type="PackInputs", meta_keys=("sample_idx", "img_path", "unreadable")),
]
test_dataloader = dict(
    batch_size=256,
    num_workers=8,
    persistent_workers=False,
    sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(
        type="OODBenchmark",
        pipeline=pipeline,
        id_set=dict(name="ImageNet-1k", type="ImageNet", data_root="data/imagenet", split="val"),
        ood_sets=[
            dict(name="iNaturalist", type="ImageFolder", data_root="data/iNaturalist"),
            dict(name="SUN", type="ImageFolder", data_root="data/SUN"),
            dict(name="Places", type="ImageFolder", data_root="data/Places"),
            dict(name="Textures", type="ImageFolder", data_root="data/dtd/images"),
        ],
    ),
)
