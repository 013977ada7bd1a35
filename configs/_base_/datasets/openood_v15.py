# OpenOOD v1.5 image lists of ImageNet-1k, read as they are; near and far. Its download script fills data/openood.
openood_lists = dict(type="Pictures", data_root="data/openood", data_prefix="images_largescale")
openood_folder = "benchmark_imglist/imagenet"
openood_v15 = dict(
    id_set=dict(_delete_=True, name="ImageNet-1k", **openood_lists, table=f"{openood_folder}/test_imagenet.txt"),
    ood_sets=[
        dict(name="SSB-hard", **openood_lists, table=f"{openood_folder}/test_ssb_hard.txt"),
        dict(name="NINCO", **openood_lists, table=f"{openood_folder}/test_ninco.txt"),
        dict(name="iNaturalist", **openood_lists, table=f"{openood_folder}/test_inaturalist.txt"),
        dict(
            name="Textures",
            type="Pictures",
            data_root="data/openood",
            data_prefix="images_classic",
            table=f"{openood_folder}/test_textures.txt",
        ),
        dict(name="OpenImage-O", **openood_lists, table=f"{openood_folder}/test_openimage_o.txt"),
    ],
    groups=dict(near=["SSB-hard", "NINCO"], far=["iNaturalist", "Textures", "OpenImage-O"]),
)
