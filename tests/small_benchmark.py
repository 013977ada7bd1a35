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


def stream_scores(words):
    """Scores that learn from these words' folder while testing, and the static one beside them, for a small config."""
    bank = {"corpus": str(words)}
    return {
        "_delete_": True,
        "NegLabel": {"groups": 7, "bank": {**bank, "ratio": 0.3}},
        "AdaNeg": {"batch_size": 4, "streams": 2, "bank": {**bank, "ratio": 0.3}},
        "TANL": {"batch_size": 5, "length": 20, "bank": bank},
        "OODD": {"batch_size": 3, "static": {"type": "MaxLogitScore"}, "bank": {**bank, "ratio": 0.3}},
    }


def write_config(path, config):
    """Written to ``path``, which is returned; not by config.dump, which sorts the keys and so the rows of the table."""
    path.write_text("".join(f"{key} = {value!r}\n" for key, value in config.to_dict().items()))
    return path
