#!/bin/sh
# Runs PostgreSQL's program of the same name, as a user who is known by name.
set -eu
getent passwd "$(id -u)" >/dev/null || echo "cadencia:x:$(id -u):$(id -g)::/:/bin/sh" >>/etc/passwd
exec /usr/lib/postgresql/*/bin/"$(basename "$0")" "$@"
