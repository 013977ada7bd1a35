# bash tools/dist_test.sh configs/neglabel/neglabel_clip-vit-b16_openood-v15.py none 8 prints NegLabel and MCM on
# OpenOOD v1.5's lists: near and far sets of ImageNet-1k. There the FPR95 of tables has OOD as the positive class.
_base_ = ["./neglabel_clip-vit-b16_in1k.py", "../_base_/datasets/openood_v15.py"]

model = dict(preprocessing_override="pipeline")  # OpenOOD's own: the short edge to 256, bilinear, then the middle
test_dataloader = dict(
    dataset=dict(
        **_base_.openood_v15,
        pipeline=[
            dict(type="LoadRGBImage"),
            dict(type="ResizeEdge", scale=256, edge="short", backend="pillow", interpolation="bilinear"),
            dict(type="CenterCrop", crop_size=224),
            dict(type="PackInputs", meta_keys=("img_path", "unreadable", "digest")),
        ],
    )
)
