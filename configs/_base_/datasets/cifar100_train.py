# CIFAR-100: as CIFAR-10, with one jigsaw a picture and CIFAR-10 in validation. The authors normalise it with CIFAR-10's
# mean and std, and so do we.
_base_ = "./cifar10_train.py"

training_images = dict(type="CIFAR100", data_root="data/cifar100", split="train")
train_dataloader = dict(
    dataset=dict(id_set=dict(type="CIFAR100", data_root="data/cifar100"), jigsaws_per_image=1),
)
id_set = dict(name="CIFAR-100", type="CIFAR100", data_root="data/cifar100")
val_dataloader = dict(
    dataset=dict(
        id_set=id_set,
        ood_sets=[dict(name="CIFAR-10", type="CIFAR10", data_root="data/cifar10", split="test", download=False)],
    )
)
test_dataloader = dict(dataset=dict(id_set=id_set))
