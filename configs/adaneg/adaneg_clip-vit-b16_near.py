# bash tools/dist_test.sh configs/adaneg/adaneg_clip-vit-b16_near.py none 8 prints the same scores on the near sets
# SSB-hard and NINCO, all pictures of them and of ImageNet-1k. The FPR95 of tables has OOD as the positive class.
_base_ = "./adaneg_clip-vit-b16_in1k.py"

test_dataloader = dict(
    dataset=dict(
        ood_sets=[
            _base_.openood_v15.ood_sets[0],  # SSB-hard
            dict(name="NINCO", type="Pictures", data_root="data/NINCO/NINCO_OOD_classes"),
        ]
    )
)
