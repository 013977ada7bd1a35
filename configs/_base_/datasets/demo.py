# The pictographs in demo/pictures: animals as ID set, everything else as OOD sets. See demo/README.md.
pictures = "{{ fileDirname }}/../../../demo/pictures"
test_dataloader = dict(
    batch_size=64,
    num_workers=0,  # the pictures are tiny: starting workers would take longer than reading them
    sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(
        type="OODBenchmark",
        id_set=dict(name="animals", type="CustomDataset", data_root=f"{pictures}/animals"),
        ood_sets=[
            dict(name=name, type="Pictures", data_root=f"{pictures}/{name}")
            for name in ("food", "travel-places", "objects", "activities", "symbols", "plants")
        ],
    ),
)
