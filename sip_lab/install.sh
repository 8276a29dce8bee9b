#!/bin/sh
# Installs the lab's packages into the root file system it runs in, starting none of their services.
set -eu
export DEBIAN_FRONTEND=noninteractive
here=$(dirname "$0")
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
apt-get update -q
# shellcheck disable=SC2046
apt-get install -y -q --no-install-recommends python3 $(sed 's/#.*//' "$here/packages.txt")
apt-get clean
rm -rf /var/lib/apt/lists/*
