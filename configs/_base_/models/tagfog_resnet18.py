# TagFog on a ResNet-18 for CIFAR, the tower of its anchors, and the post-hoc scores of its authors with some more.
# ODIN is left out, because it would multiply what a validation costs: `scores=dict(ODIN=dict())`.
model = dict(
    type="PostHocClassifier",
    backbone=dict(type="ResNet_CIFAR", depth=18, num_stages=4, out_indices=(3,), zero_init_residual=False),
    neck=dict(type="GlobalAveragePooling"),
    head=dict(type="TagFogHead", num_classes=10, in_channels=512, anchor_dim=768),
    scores=dict(
        MSP=dict(),
        MaxLogit=dict(),
        Energy=dict(),
        ReAct=dict(),
        Mahalanobis=dict(),
        KNN=dict(),
        # The authors' dim up to width 512. Their lines for ViM, which are commented out, read all K + 1 logits; ours K.
        ViM=dict(dim=384),
    ),
)
text_tower = dict(type="OpenCLIPBackbone", model_name="ViT-L-14", pretrained="openai")
