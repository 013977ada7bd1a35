# bash tools/dist_test.sh configs/neglabel/neglabel_clip-vit-b16_openood-vlm.py none 8 prints NegLabel and MCM on
# ImageNet-1k with OpenOOD-VLM's pixels, against six sets. There the FPR95 of tables has OOD as the positive class.
_base_ = ["./neglabel_clip-vit-b16_in1k.py", "../_base_/datasets/openood_v15.py"]

model = dict(preprocessing_override="pipeline")  # the short edge to 256, bicubic, then the middle
test_dataloader = dict(
    dataset=dict(
        ood_sets=[
            *_base_.test_dataloader.dataset.ood_sets,
            _base_.openood_v15.ood_sets[0],  # SSB-hard
            dict(name="NINCO", type="Pictures", data_root="data/NINCO/NINCO_OOD_classes"),
        ],
        pipeline=[
            dict(type="LoadRGBImage"),
            dict(type="ResizeEdge", scale=256, edge="short", backend="pillow", interpolation="bicubic"),
            dict(type="CenterCrop", crop_size=224),
            dict(type="PackInputs", meta_keys=("img_path", "unreadable", "digest")),
        ],
    )
)
