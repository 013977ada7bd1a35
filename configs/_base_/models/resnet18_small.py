# A ResNet-18 for CIFAR that a CPU can train: a quarter of the channels, and half the resolution from the start.
model = dict(
    type="PostHocClassifier",
    backbone=dict(
        type="ResNet_CIFAR",
        depth=18,
        stem_channels=16,
        base_channels=16,
        strides=(2, 2, 2, 2),
        out_indices=(3,),
        zero_init_residual=False,  # blocks that begin as identities learn too slowly for so few steps
    ),
    neck=dict(type="GlobalAveragePooling"),
    scores=dict(
        MSP=dict(),
        MaxLogit=dict(),
        Energy=dict(),
        ODIN=dict(),
        ReAct=dict(),
        Mahalanobis=dict(),
        KNN=dict(),
        ViM=dict(),
    ),
)
