# Turns the table of src/cli/permission_table.ts into Deno's permission flags; sourced by scripts/agent
# with $root and $command set. Its twin for programs is permissionFlags() in the same file as the
# table; tests/e2e compares the two. Lists are kept one item a line, so a path must hold no line
# break, and no comma either, since Deno separates paths with commas and has no escape for one.
# shellcheck shell=sh disable=SC2154

newline='
'
rows='' takes='' slots='' wanted=, flags='' values='' queue_redis='' separator=--vs-- bench_next=yes http_port='' engine=${DOCKER_HOST:-} listen=127.0.0.1

# read_table: sets $rows (permission and value of this command, a line each), $takes (its options
# that are followed by a value) and $slots (the options and positions that are paths to grant).
read_table() {
  while IFS='| ' read -r lead name permission value more; do
    [ -z "$lead" ] || continue
    case ,$name, in ,'*', | *,"$command",*) ;; *) continue ;; esac
    case $permission in
      takes) takes="$takes $value ${more%|} " ;;
      read | write | env | net | ffi | sys | run)
        rows=$rows$permission\ $value$newline
        case $value in
          '{data}') slots="$slots {--data} " ;;
          '{docs}') slots="$slots {--docs} " ;;
          '{queue-file}') slots="$slots {--file} " ;;
          '{model-host}') slots="$slots {--model} " ;;
          '{-'* | '{'[0-9]* | '{urls}' | '{hosts}' | '{targets}' | '{scope}' | '{programs}') slots="$slots $value " ;;
        esac
        ;;
    esac
  done <"$root/src/cli/permission_table.ts"
}

# resolve_alias: sets $command to the words, with a dot between, that it is another spelling of.
resolve_alias() {
  case $command in *[_-]*) ;; *) return 0 ;; esac
  while IFS='| ' read -r lead name permission value; do
    case $lead$permission in alias) ;; *) continue ;; esac
    case " $value " in *" $command "*)
      command=$name
      return 0
      ;;
    esac
  done <"$root/src/cli/permission_table.ts"
}

# want_option NAME: remembers that an option was given.
want_option() {
  wanted=$wanted${1#--},
}

takes_value() {
  case $takes in *" $1 "*) return 0 ;; *) return 1 ;; esac
}

# slot_of WHERE: sets $slot to the placeholder that an option (--docs) or a position (1 is the first
# argument after the command's name) fills, or to nothing.
slot_of() {
  slot=''
  case $slots in *" {$1} "*) slot="{$1}" ;; esac
  case $1 in -* | 0) return ;; esac
  for first in 1 2 3; do
    case $slots in *" {$first+} "*) if [ "$1" -ge "$first" ]; then slot="{$first+}"; fi ;; esac
  done
}

# resolve PATH: sets $resolved to it, absolute and without symlinks, as far as it exists.
resolve() {
  case $1 in /*) given=$1 ;; *) given=$PWD/$1 ;; esac
  if [ -d "$given" ]; then
    resolved=$(CDPATH='' cd -- "$given" 2>/dev/null && pwd -P) || resolved=$given
  else
    resolved=$(CDPATH='' cd -- "${given%/*}/" 2>/dev/null && pwd -P) &&
      resolved=${resolved%/}/${given##*/} || resolved=$given
  fi
  refuse_separators "$resolved"
}

refuse_separators() {
  case $1 in
    *,* | *"$newline"*)
      note "cannot give a permission for \"$1\": Deno separates paths with commas and cannot be given one that holds a comma or a line break. Rename it"
      exit 2
      ;;
  esac
}

# grant WHERE ARGUMENT: if that place is a path to grant, sets $granted to its resolved form and
# remembers it. "-" is standard input, and an empty path is refused later. An address of the web is
# no path; its host is remembered, and that of --allow-host.
grant() {
  case $command$1 in
    bench--separator)
      separator=$2
      return 1
      ;;
    bench[1-9]*)
      bench_word "$2"
      return 1
      ;;
  esac
  case $command$1 in
    mcp--http)
      http_port=$2
      return 1
      ;;
  esac
  case $2 in '' | -) return 1 ;; esac
  case $command$1 in queue.*--redis)
    hide_credentials "$2"
    return 0
    ;;
  esac
  case $command$1 in
    containers.*--host)
      engine=$2
      return 1
      ;;
    serve--listen)
      refuse_separators "$2"
      listen=$2
      return 1
      ;;
    esac
  case $1 in
    --tools | --domain)
      wanted=$wanted$2,
      return 1
      ;;
    --key-env)
      case $2 in [!A-Za-z_]* | *[!A-Za-z0-9_]*) ;; *) values=$values{--key-env}\ $2$newline ;; esac
      return 1
      ;;
    --model)
      grant_model "$2"
      return
      ;;
  esac
  case $command$1 in run--session | chat--session | resume1)
    case $2 in *://*) return 1 ;; esac
    resolve "$2"
    granted=$resolved
    values=$values{session}\ $granted$newline
    return 0
    ;;
  esac
  case $command$1 in
    scan[1-9]*) placeholder='{targets}' ;;
    serve--scope) placeholder='{scope}' ;;
    *) placeholder='' ;;
  esac
  if [ -n "$placeholder" ]; then
    target_host "$2"
    remember_host "$placeholder"
    return 1
  fi
  case $1 in
    --allow-host)
      granted_host "$2" ''
      remember_host '{hosts}'
      return 1
      ;;
  esac
  case $2 in
    *://*)
      case $1 in -*) ;; *)
        url_host "$2"
        remember_host '{urls}'
        ;;
      esac
      return 1
      ;;
  esac
  slot_of "$1"
  [ -n "$slot" ] || return 1
  resolve "$2"
  granted=$resolved
  values=$values$slot\ $granted$newline
}

# grant_model MODEL: remembers the file of a scripted model, with $granted set to it, or the host of an address.
grant_model() {
  case $slots in *' {--model} '*) ;; *) return 1 ;; esac
  case $1 in
    script:?*)
      resolve "${1#script:}"
      granted=script:$resolved
      values=$values{model-script}\ $resolved$newline
      return 0
      ;;
  esac
  url_host "$1"
  if [ -n "$host" ]; then values=$values{model-host}\ $host$newline; fi
  return 1
}

# bench_word WORD: remembers it if it is the program of a command: the first word, or the one after
# what stands between two commands.
bench_word() {
  if [ "$1" = "$separator" ]; then
    bench_next=yes
    return 0
  fi
  if [ -z "$bench_next" ]; then return 0; fi
  bench_next=''
  refuse_separators "$1"
  host=$1
  remember_host '{programs}'
}

# remember_host PLACEHOLDER: adds $host to what was given for it, once.
remember_host() {
  case $slots in *" $1 "*) ;; *) return 0 ;; esac
  case $newline$values in *"$newline$1 $host$newline"*) host='' ;; esac
  if [ -n "$host" ]; then values=$values$1\ $host$newline; fi
}

# target_host TARGET: sets $host to what is granted for a target of a scan, the host with all of its
# ports or the network; to nothing for what Deno would refuse to be given.
target_host() {
  host='' name=$1
  case $name in
    *:*)
      name=${name#'['} name=${name%']'}
      if is_six "$name"; then host="[$name]"; fi
      return 0
      ;;
    */*)
      if is_four "${name%%/*}"; then
        case ${name#*/} in [0-9] | [12][0-9] | 3[0-2]) host=$1 ;; esac
      fi
      return 0
      ;;
  esac
  case $name in '' | [!A-Za-z0-9_]* | *[!A-Za-z0-9._-]* | *..*) ;; *) host=$1 ;; esac
}

# is_four TEXT: whether it is an IPv4 address of four decimal parts.
is_four() {
  behind=$1.
  for _ in 1 2 3 4; do
    part=${behind%%.*} behind=${behind#*.}
    case $part in [0-9] | [1-9][0-9] | 1[0-9][0-9] | 2[0-4][0-9] | 25[0-5]) ;; *) return 1 ;; esac
  done
  [ -z "$behind" ]
}

# is_six TEXT: whether it is an IPv6 address in a spelling that Deno takes; host:port is none.
is_six() {
  groups=$1 count=0
  case $groups in
    *:*.*)
      is_four "${groups##*:}" || return 1
      groups=${groups%:*}:0:0
      ;;
  esac
  case $groups in *:::* | *::*::* | :[!:]* | *[!:]:) return 1 ;; esac
  behind=$groups:
  while [ -n "$behind" ]; do
    part=${behind%%:*} behind=${behind#*:}
    case $part in
      '') ;;
      ?????* | *[!0-9A-Fa-f]*) return 1 ;;
      *) count=$((count + 1)) ;;
    esac
  done
  case $groups in *::*) [ "$count" -le 7 ] ;; *) [ "$count" -eq 8 ] ;; esac
}

# url_host URL: sets $host to what is granted for an address of the web, or to nothing.
url_host() {
  host=''
  case $1 in
    [Hh][Tt][Tt][Pp]://*) usual=80 ;;
    [Hh][Tt][Tt][Pp][Ss]://*) usual=443 ;;
    *) return 0 ;;
  esac
  authority=${1#*://}
  authority=${authority%%[/?#\\]*}
  granted_host "${authority##*@}" "$usual"
}

# granted_host HOST[:PORT] PORT: sets $host to what is granted for it: of a literal address its port
# alone, of a name all of them, since Deno resolves a name only if it is granted without a port; to
# nothing for what Deno would refuse to be given.
granted_host() {
  host='' name=$1 port=$2
  case $1 in
    '['*']') ;;
    *:*) name=${1%:*} port=${1##*:} ;;
  esac
  case $port in
    '') case $1 in *:) return 0 ;; esac ;;
    *[!0-9]* | ??????*) return 0 ;;
  esac
  case $name in
    '['*']')
      inner=${name#?}
      case ${inner%?} in '' | *[!0-9A-Fa-f:.]*) return 0 ;; esac
      ;;
    '' | .* | *..* | *[!A-Za-z0-9._-]*) return 0 ;;
    *[!0-9.]*) port='' ;;
  esac
  host=$name${port:+:$port}
}

# hide_credentials URL: sets $granted to it without user and password. With them it is put into the
# environment, so that no list of processes shows them.
hide_credentials() {
  granted=$1
  case $1 in *://*@*)
    AGENT_REDIS_URL=$1
    export AGENT_REDIS_URL
    granted=${1%%://*}://${1##*@}
    ;;
  esac
  queue_redis=$granted
}

# values_of PLACEHOLDER: prints what was given for it, a line each.
values_of() {
  while IFS= read -r line; do
    if [ "${line%%"} "*}}" = "$1" ]; then printf '%s\n' "${line#*"} "}"; fi
  done <<EOF
$values
EOF
}

# expand PLACEHOLDER: prints the paths or hosts that it stands for, a line each.
expand() {
  case $1 in
    '{native}')
      if [ -n "${AGENT_NATIVE_DIR:-}" ]; then
        resolve "$AGENT_NATIVE_DIR"
        printf '%s\n' "$resolved"
      fi
      printf '%s\n' "$root/target/release"
      case $(uname -s) in
        Darwin) cache=${HOME:+$HOME/Library/Caches} ;;
        *) cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}} ;;
      esac
      if [ -n "$cache" ]; then printf '%s\n' "$cache/agent/native"; fi
      ;;
    '{scan-audit}')
      if [ -n "${AGENT_SCAN_AUDIT:-}" ]; then
        resolve "$AGENT_SCAN_AUDIT"
        printf '%s\n' "$resolved"
      fi
      ;;
    '{docs}')
      folder=$(values_of '{--docs}')
      printf '%s\n' "${folder:-$root/docs}"
      ;;
    '{listen}') case $listen in *:*) printf '[%s]\n' "$listen" ;; *) printf '%s\n' "$listen" ;; esac ;;
    '{http}')
      case $http_port in
        '' | *[!0-9]* | 0?* | ??????*) ;;
        *) if [ "$http_port" -le 65535 ]; then printf '127.0.0.1:%s\n' "$http_port"; fi ;;
      esac
      ;;
    '{vocabularies}') printf '%s\n' "$root/data" ;;
    '{data}')
      data=$(values_of '{--data}')
      if [ -z "$data" ]; then
        case ${XDG_DATA_HOME:-} in
          /*) data=$XDG_DATA_HOME/agent ;;
          *) data=${HOME:+$HOME/.local/share/agent} ;;
        esac
      fi
      printf '%s\n' "$data"
      ;;
    '{docker}')
      case $engine in
        tcp://* | http://*) engine_host "${engine#*://}" ;;
        *) docker_sockets | sed 's/^/unix:/' ;;
      esac
      ;;
    '{docker-socket}') case $engine in tcp://* | http://*) ;; *) docker_sockets ;; esac ;;
    '{redis}')
      redis=${AGENT_REDIS_URL:-127.0.0.1:6379}
      host_of "${redis#*://}" 6379
      ;;
    '{queue-file}')
      file=$(values_of '{--file}')
      for end in '' -wal -shm -held; do if [ -n "$file" ]; then printf '%s\n' "$file$end"; fi; done
      ;;
    '{session}' | '{resumed}')
      file=$(values_of '{session}')
      for end in '' -wal -shm -held -sessions; do if [ -n "$file" ]; then printf '%s\n' "$file$end"; fi; done
      ;;
    '{queue-server}') if queue_server; then printf '%s\n' "$server"; fi ;;
    '{queue-socket}')
      if queue_server; then case $server in unix:*) printf '%s\n' "${server#unix:}" ;; esac; fi
      ;;
    '{-'* | '{'[0-9]* | '{urls}' | '{hosts}' | '{targets}' | '{scope}' | '{programs}' | '{model-'*) values_of "$1" ;;
    *) printf '%s\n' "$1" ;;
  esac
}

# docker_sockets: where an engine may listen; nothing for what is no socket, which the command says itself.
docker_sockets() {
  case $engine in
    unix:///*) printf '%s\n' "${engine#unix://}" ;;
    '')
      printf '%s\n' /var/run/docker.sock
      case ${XDG_RUNTIME_DIR:-} in
        /*) printf '%s\n' "$XDG_RUNTIME_DIR/podman/podman.sock" "$XDG_RUNTIME_DIR/docker.sock" ;;
      esac
      printf '%s\n' /run/podman/podman.sock
      case ${HOME:-} in /*) printf '%s\n' "$HOME/.docker/run/docker.sock" ;; esac
      ;;
  esac
}

# queue_server: sets $server to what is granted for the Redis server of a queue; fails where there is
# none.
queue_server() {
  if [ -n "$(values_of '{--file}')" ]; then return 1; fi
  url=${queue_redis:-${AGENT_REDIS_URL:-}}
  rest=${url#*://}
  rest=${rest##*@}
  case $url in
    unix://*) server=unix:${rest%%[?#]*} ;;
    redis://* | rediss://*)
      rest=${rest%%[/?#]*}
      case $rest in
        '') return 1 ;;
        '['*) server=$(host_of "$rest" 6379) ;;
        *[a-zA-Z]*) server=${rest%:*} ;;
        *) server=$(host_of "$rest" 6379) ;;
      esac
      ;;
    *) return 1 ;;
  esac
}

# host_of AUTHORITY PORT: host:port of [user@]host[:port][/path].
host_of() {
  host=${1%%[/?#]*}
  host=${host##*@}
  case $host in
    *']') host=$host:$2 ;;
    *:*) ;;
    *) host=$host:$2 ;;
  esac
  printf '%s\n' "$host"
}

# engine_host AUTHORITY: host and port; of a name the host alone, since Deno resolves a name only if
# it is granted without a port.
engine_host() {
  host=${1%%[/?#]*}
  case $host in
    '['*) host_of "$host" 2375 ;;
    *[a-zA-Z]*) printf '%s\n' "${host%:*}" ;;
    *) host_of "$host" 2375 ;;
  esac
}

# expand_table: sets $flags, a Deno flag a line, in the order of the table.
expand_table() {
  while read -r permission value; do
    [ -n "$permission" ] || continue
    case $value in *\?*)
      case $wanted in *,"${value%%\?*}",*) value=${value#*\?} ;; *) continue ;; esac
      ;;
    esac
    expanded=$(expand "$value")
    while IFS= read -r item; do
      refuse_separators "$item"
      case $item in
        '') ;;
        '{all}') flags=$flags--allow-$permission$newline ;;
        *) flags=$flags--allow-$permission=$item$newline ;;
      esac
    done <<EOF
$expanded
EOF
  done <<EOF
$rows
EOF
}

# print_flags: one a line, or as a JSON document with --json.
print_flags() {
  if [ -z "$json" ]; then
    printf '%s' "$flags"
    return
  fi
  separator=''
  printf '{"command":"%s","permissions":[' "$(printf '%s' "$command" | tr . ' ' | sed 's/[\\"]/\\&/g')"
  while IFS= read -r flag; do
    [ -n "$flag" ] || continue
    printf '%s"%s"' "$separator" "$(printf '%s' "$flag" | sed 's/[\\"]/\\&/g' | tr -d '\000-\037')"
    separator=,
  done <<EOF
$flags
EOF
  printf ']}\n'
}
