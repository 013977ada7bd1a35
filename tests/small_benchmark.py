"""The benchmark of generated pictures that the small configs test on, and how such a config is written to a file."""


def benchmark_loader(pictures, *steps):
    """Loads 17 ID pictures and 9 + 5 others, through these steps between loading and packing."""
    packed = {"type": "PackInputs", "meta_keys": ["img_path", "unreadable"]}
    return {
        "batch_size": 4,
        "num_workers": 0,
        "sampler": {"type": "DefaultSampler", "shuffle": False},
        "dataset": {
            "type": "OODBenchmark",
            "pipeline": [{"type": "LoadRGBImage"}, *steps, packed],
            "id_set": {"name": "ID", "type": "CustomDataset", "data_root": str(pictures / "id")},
            "ood_sets": [
                {"name": name, "type": "Pictures", "data_root": str(pictures / name)} for name in ("near", "far")
            ],
        },
    }


def write_config(path, config):
    """Written to ``path``, which is returned; not by config.dump, which sorts the keys and so the rows of the table."""
    path.write_text("".join(f"{key} = {value!r}\n" for key, value in config.to_dict().items()))
    return path
