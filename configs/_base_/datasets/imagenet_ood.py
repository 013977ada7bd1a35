# ImageNet-1k against iNaturalist, SUN, Places and Textures: the benchmark of the NegLabel paper.
# Pictures are made as the model's tower wants them, since no pipeline is given.
test_dataloader = dict(
    batch_size=256,
    num_workers=8,
    persistent_workers=False,
    sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(
        type="OODBenchmark",
        id_set=dict(name="ImageNet-1k", type="ImageNet", data_root="data/imagenet", split="val"),
        ood_sets=[
            dict(name="iNaturalist", type="Pictures", data_root="data/iNaturalist"),
            dict(name="SUN", type="Pictures", data_root="data/SUN"),
            dict(name="Places", type="Pictures", data_root="data/Places"),
            dict(name="Textures", type="Pictures", data_root="data/dtd/images"),
        ],
    ),
)
