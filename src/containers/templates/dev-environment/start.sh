#!/bin/sh
# Starts the editor with the token of this deployment as its password. It is read from the file, so
# that no command line and no environment shows it.
set -eu
umask 077
token=$(cat /secrets/token)
[ "${#token}" -ge 32 ] || { echo "the token of this deployment is missing" >&2; exit 1; }
settings=/workspace/.local/share/code-server/User/settings.json
if [ ! -e "$settings" ]; then
  mkdir -p "${settings%/*}"
  case ${EDITOR_THEME:-dark} in
    light) theme="Default Light Modern" ;;
    *) theme="Default Dark Modern" ;;
  esac
  printf '{ "workbench.colorTheme": "%s", "telemetry.telemetryLevel": "off" }\n' "$theme" >"$settings"
fi
# The loopback of a container is its own: what keeps others out is that the port is published on the
# machine's loopback alone.
printf 'bind-addr: 0.0.0.0:8443\nauth: password\npassword: "%s"\ncert: false\n' "$token" >/tmp/code-server.yaml
exec code-server --config /tmp/code-server.yaml --disable-telemetry --disable-update-check \
  --user-data-dir /workspace/.local/share/code-server /workspace
