# The OOD sets of NegRefine's script for ImageNet-1k: SUN, Places and Textures hold ImageNet classes and are left out.
# Clean and NINCO come in one archive. NINCO's one GIF is left out, which the authors' code passes over.
negrefine_ood_sets = [
    dict(name="iNaturalist", type="Pictures", data_root="data/iNaturalist"),
    dict(name="OpenImage-O", type="Pictures", data_root="data/openimage_o"),
    dict(name="Clean", type="Pictures", data_root="data/NINCO/NINCO_popular_datasets_subsamples"),
    dict(
        name="NINCO",
        type="Pictures",
        data_root="data/NINCO/NINCO_OOD_classes",
        extensions=[".jpg", ".jpeg", ".png"],
    ),
]
