# Six classes of CIFAR-10 (animals) against its other four (vehicles), photographs and pictographs, from plain folders:
#   data/cifar10/{train,test}/CLASS/*   the 32x32 pictures as files, 5,000 and 1,000 a class
#   data/photographs                    any photographs without these animals
# A subset for a CPU: the first 1,000 training pictures of each class.
_base_ = "./cifar10_train.py"

data_root = "data/cifar10"
pictures = "{{ fileDirname }}/../../../demo/pictures"
animals = ["bird", "cat", "deer", "dog", "frog", "horse"]
train_folder = dict(type="ClassFolders", data_root=f"{data_root}/train", class_list=animals)
subset = [5000 * label + i for label in range(6) for i in range(1000)]
held_out = [5000 * label + i for label in range(6) for i in range(4800, 5000)]

training_images = dict(_delete_=True, **train_folder, indices=subset)
train_dataloader = dict(batch_size=128, num_workers=1, dataset=dict(id_set=training_images))
# Neither test images nor test OOD sets choose: held-out training images against pictographs of other kinds.
val_dataloader = dict(
    batch_size=256,
    num_workers=0,
    dataset=dict(
        id_set=dict(_delete_=True, name="held-out animals", **train_folder, indices=held_out),
        ood_sets=[
            dict(name=name, type="Pictures", data_root=f"{pictures}/{name}") for name in ("activities", "plants")
        ],
    ),
)
test_dataloader = dict(
    batch_size=256,
    num_workers=0,
    dataset=dict(
        id_set=dict(
            _delete_=True, name="animals", type="ClassFolders", data_root=f"{data_root}/test", class_list=animals
        ),
        ood_sets=[
            *[
                dict(name=vehicle, type="Pictures", data_root=f"{data_root}/test/{vehicle}")
                for vehicle in ("airplane", "automobile", "ship", "truck")
            ],
            dict(name="photographs", type="Pictures", data_root="data/photographs"),
            *[
                dict(name=name, type="Pictures", data_root=f"{pictures}/{name}")
                for name in ("food", "objects", "symbols")
            ],
        ],
        groups=dict(vehicles=["airplane", "automobile", "ship", "truck"], pictographs=["food", "objects", "symbols"]),
    ),
)
