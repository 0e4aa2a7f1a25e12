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

# texts NAME FOLDER: the manual pages below a folder of an unpacked package, as the corpus NAME
texts() {
  [ -d "$to/$1" ] && return
  mkdir -p "$to/$1.new"
  find "$2"/man[1578] -type f -name '*.gz' | sort | while read -r page; do
    MANWIDTH=80 LC_ALL=C.UTF-8 man -P cat -l "$page" 2>/dev/null | col -b >"$to/$1.new/$(basename "$page" .gz).txt"
  done
  mv "$to/$1.new" "$to/$1"
}

unpack manuals tmux sudo nftables jq parted lvm2 e2fsprogs cryptsetup-bin nmap strace chrony ufw dnsmasq-base \
  logrotate fail2ban unbound redis-server redis-tools gpg gpg-agent ntfs-3g rsyslog smartmontools hdparm iptables \
  iotop lsof at anacron pv mdadm ethtool tcpdump
texts manuals manuals/usr/share/man

# Only the questions of tuning_more are about these.
unpack rust rust-doc
pages rust rust/usr/share/doc/rust-doc/html '\./(book|reference|cargo)/.*\.html'
rm -rf "$to"/rust/book/{first,second,2018}-edition "$to"/rust/*/print.html
unpack cmake cmake-doc
pages cmake cmake/usr/share/doc/cmake-data/html '\./(command|manual|guide|variable|module)/.*\.html'
unpack bind bind9-doc
pages bind bind/usr/share/doc/bind9-doc/arm '.*\.html'
unpack exim exim4-doc-html
pages exim exim/usr/share/doc/exim4-doc-html/spec_html '.*\.html'
unpack sqlalchemy python-sqlalchemy-doc
pages sqlalchemy sqlalchemy/usr/share/doc/python-sqlalchemy-doc/html '\./(orm|core|faq|tutorial)/.*\.html'
unpack flask python-flask-doc
pages flask flask/usr/share/doc/python-flask-doc/html '.*\.html'
unpack celery python-celery-doc
pages celery celery/usr/share/doc/python-celery-doc/html '\./(userguide|getting-started|faq|django|tutorials).*\.html'
unpack pytest python-pytest-doc
pages pytest pytest/usr/share/doc/python-pytest-doc/html '\./(how-to|explanation|reference|example|[a-z-]*\.html).*'
unpack scrapy python-scrapy-doc
pages scrapy scrapy/usr/share/doc/python-scrapy-doc/html '\./(topics|intro|faq).*\.html'
unpack libvirt libvirt-doc
pages libvirt libvirt/usr/share/doc/libvirt-doc/html '.*\.html'
unpack ffmpeg ffmpeg-doc
pages ffmpeg ffmpeg/usr/share/doc/ffmpeg/manual '.*\.html'
rm -f "$to"/ffmpeg/*-all.html
unpack tools nano mutt privoxy ledger
pages tools tools/usr/share/doc '\./(nano|mutt/html|privoxy/user-manual|ledger)/[^/]*\.html'
unpack perl perl-doc
texts perl perl/usr/share/man
unpack manuals2 samba-common samba-common-bin samba restic openvpn wireguard-tools screen mercurial-common squid \
  rclone kmod tor curl npm ansible-core lxc apt-file unattended-upgrades qemu-system-common cups-client \
  imagemagick-6-common pandoc nfs-common autofs zstd
texts manuals2 manuals2/usr/share/man
du -sh "$to"/*/
