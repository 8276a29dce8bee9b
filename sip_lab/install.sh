#!/bin/sh
# Installs the packages of a list (and others that are named) into the root file system it runs in, starting none of
# their services: install.sh LIST [PACKAGE…]
set -eu
export DEBIAN_FRONTEND=noninteractive
list=$(dirname "$0")/$1
shift
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
apt-get update -q
# shellcheck disable=SC2046
apt-get install -y -q --no-install-recommends "$@" $(sed 's/#.*//' "$list")
apt-get clean
rm -rf /var/lib/apt/lists/*
