# bash tools/dist_test.sh configs/neglabel/neglabel_clip-vit-b16_openood-v15.py none 8 prints NegLabel and MCM on
# OpenOOD v1.5's lists: near and far sets of ImageNet-1k. There the FPR95 of tables has OOD as the positive class.
_base_ = "./neglabel_clip-vit-b16_in1k.py"

data = dict(type="Pictures", data_root="data/openood", data_prefix="images_largescale")
lists = "benchmark_imglist/imagenet"
model = dict(preprocessing_override="pipeline")  # OpenOOD's own: the short edge to 256, bilinear, then the middle
test_dataloader = dict(
    dataset=dict(
        id_set=dict(_delete_=True, name="ImageNet-1k", **data, table=f"{lists}/test_imagenet.txt"),
        ood_sets=[
            dict(name="SSB-hard", **data, table=f"{lists}/test_ssb_hard.txt"),
            dict(name="NINCO", **data, table=f"{lists}/test_ninco.txt"),
            dict(name="iNaturalist", **data, table=f"{lists}/test_inaturalist.txt"),
            dict(name="Textures", **data | dict(data_prefix="images_classic"), table=f"{lists}/test_textures.txt"),
            dict(name="OpenImage-O", **data, table=f"{lists}/test_openimage_o.txt"),
        ],
        groups=dict(near=["SSB-hard", "NINCO"], far=["iNaturalist", "Textures", "OpenImage-O"]),
        pipeline=[
            dict(type="LoadRGBImage"),
            dict(type="ResizeEdge", scale=256, edge="short", backend="pillow", interpolation="bilinear"),
            dict(type="CenterCrop", crop_size=224),
            dict(type="PackInputs", meta_keys=("img_path", "unreadable", "digest")),
        ],
    )
)
