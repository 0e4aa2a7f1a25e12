#!/usr/bin/env bash
# Lays out the documents that the evaluation's questions are about: bench/evaluation/corpora.sh FOLDER
# They are of Debian's packages, which are downloaded and unpacked there and not installed. Needs Debian with
# man-db and bsdextrautils.
set -euo pipefail
to=$(realpath -m "${1:?a folder}")
mkdir -p "$to/packages"
cd "$to/packages"

# unpack NAME PACKAGE...: the packages' files, below packages/NAME
unpack() {
  local name=$1
  shift
  [ -d "$name" ] && return
  for package in "$@"; do
    apt-get download -qq "$package" 2>/dev/null
    mkdir -p "$name.new"
    dpkg-deb -x "$package"_*.deb "$name.new"
    rm "$package"_*.deb
  done
  mv "$name.new" "$name"
}

# pages NAME FOLDER FILTER: the files of a folder of an unpacked package whose name matches, as the corpus NAME
pages() {
  [ -d "$to/$1" ] && return
  mkdir -p "$to/$1.new"
  (cd "$2" && find . -type f -regextype posix-extended -regex "$3" -print0 | tar -c --null -T -) | tar -x -C "$to/$1.new"
  mv "$to/$1.new" "$to/$1"
}

unpack apache apache2-doc
pages apache apache/usr/share/doc/apache2-doc/manual/en '.*\.html'
unpack django python-django-doc
pages django django/usr/share/doc/python-django-doc/html '.*/(topics|ref|howto|faq|intro)/.*\.html'
unpack postfix postfix-doc
pages postfix postfix/usr/share/doc/postfix/html '.*\.html'
unpack node nodejs-doc
pages node node/usr/share/doc/nodejs/api '.*\.html'
unpack shells zsh-doc fish-common
pages shells shells/usr/share/doc '.*\.html'
unpack borg borgbackup-doc
pages borg borg/usr/share/doc/borgbackup-doc/html '.*\.html'
unpack vim vim-doc
pages vim vim/usr/share/doc/vim/html '.*\.html'
unpack debian developers-reference
pages debian debian/usr/share/developers-reference '.*/[a-z-]+\.html'

unpack manuals tmux sudo nftables jq parted lvm2 e2fsprogs cryptsetup-bin nmap strace chrony ufw dnsmasq-base \
  logrotate fail2ban unbound redis-server redis-tools gpg gpg-agent ntfs-3g rsyslog smartmontools hdparm iptables \
  iotop lsof at anacron pv mdadm ethtool tcpdump
if [ ! -d "$to/manuals" ]; then
  mkdir -p "$to/manuals.new"
  find manuals/usr/share/man/man[1578] -type f -name '*.gz' | sort | while read -r page; do
    MANWIDTH=80 LC_ALL=C.UTF-8 man -P cat -l "$page" 2>/dev/null | col -b >"$to/manuals.new/$(basename "$page" .gz).txt"
  done
  mv "$to/manuals.new" "$to/manuals"
fi
du -sh "$to"/*/
