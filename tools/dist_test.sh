#!/usr/bin/env bash
# Test on several GPUs (or CPU processes) of this machine, or with NNODES, NODE_RANK, MASTER_ADDR and PORT of several:
#   bash tools/dist_test.sh CONFIG CHECKPOINT GPUS [options of tools/test.py]
# CHECKPOINT may be `none`: the weights are then those that the config names.
set -euo pipefail
if [ $# -lt 3 ]; then
    echo "usage: bash tools/dist_test.sh CONFIG CHECKPOINT|none GPUS [options of tools/test.py]" >&2
    exit 2
fi
CONFIG=$1 CHECKPOINT=$2 GPUS=$3
# shellcheck source=tools/launch/torchrun.sh
source "$(dirname "$0")/launch/torchrun.sh"
exec "${TORCHRUN[@]}" "$(dirname "$0")/test.py" "$CONFIG" "$CHECKPOINT" --launcher pytorch "${@:4}"
