#!/bin/sh
# Run a command against a fresh copy of production data, and give the copy back whatever becomes of the command.
#
#   test-on-a-clone.sh OFFER NAME COMMAND...
#
# The command finds the clone's id, volume and address in CLONE_ID, CLONE_VOLUME and CLONE_ADDRESS. OS_CLOUD names the
# login in clouds.yaml (an application credential will do, once the project lent standing authority). CLONE_GET is
# 'volume', 'server' or 'environment', CLONE_LEASE how long it may take: should this machine die, the clone goes by
# itself then.
# The exit code is the command's; 1 where there was no clone to run it on.
set -eu

offer=$1 name=$2
shift 2

clone=$(tenant-ops clone request "$offer" --name "$name" --get "${CLONE_GET:-volume}" \
    --lease "${CLONE_LEASE:-1h}" --purpose "${CLONE_PURPOSE:-pipeline}" -f value -c id) || exit 1
trap 'tenant-ops clone release "$clone" -f value -c state >&2' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# The same name again is the same clone: now it is waited for.
tenant-ops clone request "$offer" --name "$name" --wait -f value -c state >&2 || exit 1
CLONE_ID=$clone
CLONE_VOLUME=$(tenant-ops clone show "$clone" -f value -c volume_id)
CLONE_ADDRESS=$(tenant-ops clone show "$clone" -f value -c address)
export CLONE_ID CLONE_VOLUME CLONE_ADDRESS

"$@"
