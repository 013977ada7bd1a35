#!/usr/bin/env bash
# Train on several GPUs (or CPU processes) of this machine, or with NNODES, NODE_RANK, MASTER_ADDR and PORT of several:
#   bash tools/dist_train.sh CONFIG GPUS [options of tools/train.py]
# The batch size of a config is one process's: --auto-scale-lr fits the learning rate to all of them.
set -euo pipefail
if [ $# -lt 2 ]; then
    echo "usage: bash tools/dist_train.sh CONFIG GPUS [options of tools/train.py]" >&2
    exit 2
fi
CONFIG=$1 GPUS=$2
# shellcheck source=tools/launch/torchrun.sh
source "$(dirname "$0")/launch/torchrun.sh"
exec "${TORCHRUN[@]}" "$(dirname "$0")/train.py" "$CONFIG" --launcher pytorch "${@:3}"
