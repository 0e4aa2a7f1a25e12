#!/bin/sh
# Starts JupyterLab, which reads the token of this deployment from its file.
set -eu
umask 077
token=$(cat /secrets/token)
[ "${#token}" -ge 32 ] || { echo "the token of this deployment is missing" >&2; exit 1; }
unset token
export JUPYTER_TOKEN_FILE=/secrets/token
# The loopback of a container is its own: what keeps others out is that the port is published on the
# machine's loopback alone.
exec jupyter lab --no-browser --ServerApp.ip=0.0.0.0 --ServerApp.port=8888 --ServerApp.port_retries=0 \
  --ServerApp.root_dir=/workspace --PasswordIdentityProvider.allow_password_change=False
