#!/usr/bin/env bash
# The database servers of the tests: PostgreSQL 15, MariaDB 10.11 and MySQL 9, installed if missing.
# Sourced it chooses and exports MLTRACK_MYSQL_ROOT and defines `install_servers`; run, it installs.
# shellcheck shell=bash
#
# MySQL's server is in Debian's sid only, so it gets a directory of its own that is entered by chroot
# (fixtures/tools/servers.py): nothing of sid touches this system. No server is started here.

SID_MIRROR=http://deb.debian.org/debian
PATH=$PATH:/usr/sbin:/sbin # Debian keeps the daemons and debootstrap there

mysql_version() { # root directory, or nothing for the one on PATH
  if [ -n "$1" ]; then chroot "$1" /usr/sbin/mysqld --no-defaults --version; else mysqld --no-defaults --version; fi 2>/dev/null
}

# MariaDB brings a `mysqld` too; what counts is what it says it is.
is_mysql() { mysql_version "$1" | grep -E 'Ver 9\.' | grep -qv MariaDB; }

if [ -z "${MLTRACK_MYSQL_ROOT:-}" ] && [ "$(id -u)" -eq 0 ] && ! is_mysql ""; then
  MLTRACK_MYSQL_ROOT=/opt/mltrack-mysql
  if [ ! -d "$MLTRACK_MYSQL_ROOT" ] && is_mysql /opt/sid; then MLTRACK_MYSQL_ROOT=/opt/sid; fi
  export MLTRACK_MYSQL_ROOT
fi

# Debian starts a server that it installs, unless this file says no. Only ours is removed again.
apt_install() (
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
)

install_in() { # directory, packages…
  local root=$1
  shift
  DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install -y -qq --no-install-recommends "$@"
}

# What that directory is for: MySQL 9, its clients, and those of PostgreSQL 18, which npm brings without any.
SID_PACKAGES=(mysql-server-core mysql-client-core postgresql-client-18)
has_clients() { [ -x "$1/usr/bin/mysqldump" ] && [ -x "$1/usr/lib/postgresql/18/bin/pg_dump" ]; }

install_mysql() { # directory
  command -v debootstrap > /dev/null || apt_install debootstrap || return 1
  mkdir -p "$(dirname "$1")"
  # The stamp tells a finished directory from one that was interrupted; debootstrap goes on with the latter.
  if [ ! -e "$1/.debootstrapped" ]; then
    debootstrap --variant=minbase sid "$1" "$SID_MIRROR" && touch "$1/.debootstrapped" || return 1
  fi
  printf '#!/bin/sh\nexit 101\n' > "$1/usr/sbin/policy-rc.d" && chmod 755 "$1/usr/sbin/policy-rc.d"
  # debootstrap leaves fresh package lists. A mirror that lags is past the date up to which apt would
  # update from it, so ask for an update only where the lists are too old to install from.
  install_in "$1" "${SID_PACKAGES[@]}" || { chroot "$1" apt-get update -qq && install_in "$1" "${SID_PACKAGES[@]}"; }
}

# Prints a version and checks it; says what is wrong or missing otherwise.
require_version() { # name, version text, pattern, what to do
  if printf '%s' "$2" | grep -Eq "$3"; then echo "$1: $2"; return 0; fi
  echo "$1: ${2:-not found}; needed: $3. $4" >&2
  return 1
}

# Installs what is missing (as root) and checks all; 1 if a server is missing or of another version.
install_servers() {
  local wanted=() wrong=0 root=${MLTRACK_MYSQL_ROOT:-} pg=${MLTRACK_PG_BIN:-/usr/lib/postgresql/15/bin}
  if [ "$(id -u)" -eq 0 ]; then
    [ -x "$pg/initdb" ] || wanted+=(postgresql-15)
    { command -v mariadbd && command -v mariadb-install-db; } > /dev/null || wanted+=('mariadb-server=1:10.11.*')
    command -v mariadb-dump > /dev/null || wanted+=('mariadb-client=1:10.11.*')
    command -v sqlite3 > /dev/null || wanted+=(sqlite3)
    command -v script > /dev/null || wanted+=(bsdutils)
    if [ ${#wanted[@]} -gt 0 ]; then apt_install "${wanted[@]}" || wrong=1; fi
    if [ -n "$root" ] && ! { is_mysql "$root" && has_clients "$root"; }; then install_mysql "$root" || wrong=1; fi
  elif [ -n "$root" ]; then
    echo "MLTRACK_MYSQL_ROOT is set, but only root can enter it: unset it and put MySQL 9's mysqld on PATH" >&2
    wrong=1
  fi
  require_version PostgreSQL "$("$pg/postgres" --version 2>/dev/null)" ' 15\.' \
    'As root: apt-get install postgresql-15; or set MLTRACK_PG_BIN.' || wrong=1
  require_version MariaDB "$(mariadbd --no-defaults --version 2>/dev/null)" 'Ver 10\.11\.[0-9]+-MariaDB' \
    'As root: apt-get install mariadb-server (Debian 12).' || wrong=1
  require_version MySQL "$(mysql_version "$root")" 'Ver 9\.' \
    'Run .ci/servers.sh as root, or put the mysqld of MySQL 9 on PATH.' || wrong=1
  return "$wrong"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then install_servers; fi
