#!/usr/bin/env bash
# One backup of a site: the record store, the workspace, the pseudonym key and the database.
#   HAMLETS_DATA      folder that holds store/, workspace/ and key/
#   HAMLETS_BACKUPS   where backups go (default /var/backups/hamlets); 14 are kept
#   HAMLETS_DATABASE_URL or PGHOST...: a PostgreSQL database; without one SQLite in the workspace
# A backup is written beside and then named, so that one that was stopped is never taken for whole.
# --each-night stays and makes one every night at 02:30.
set -euo pipefail
umask 077

data="${HAMLETS_DATA:?name the folder of the data}"
backups="${HAMLETS_BACKUPS:-/var/backups/hamlets}"
keep=14

backup() {
    local name beside last
    name="$(date +%Y-%m-%dT%H%M%S)"
    beside="$backups/.new-$name"
    mkdir -p "$beside"
    last="$(find "$backups" -maxdepth 1 -name '20*' -type d | sort | tail -n 1)"
    # CURRENT first: every file that it needs is there already, and stays for 12 versions.
    for part in CURRENT store.json versions plans adoptions; do
        [ -e "$data/store/$part" ] || continue
        mkdir -p "$beside/store"
        cp -a "$data/store/$part" "$beside/store/"
    done
    # The store's files never change once written: those of the last backup are linked, not copied.
    [ ! -d "$data/store/files" ] || (cd "$data/store" && find files -type f -print0) |
        while IFS= read -r -d '' file; do
            mkdir -p "$beside/store/$(dirname "$file")"
            ln "$last/store/$file" "$beside/store/$file" 2>/dev/null ||
                cp -p "$data/store/$file" "$beside/store/$file"
        done
    [ ! -d "$data/key" ] || cp -a "$data/key" "$beside/key"
    if [ -d "$data/workspace" ]; then
        mkdir "$beside/workspace"
        find "$data/workspace" -maxdepth 1 -type f ! -name 'workspace.sqlite3*' \
            -exec cp -a {} "$beside/workspace/" \;
    fi
    if [ -n "${HAMLETS_DATABASE_URL:-}" ] || [ -n "${PGHOST:-}" ]; then
        pg_dump --format=custom --file "$beside/database.dump" ${HAMLETS_DATABASE_URL:+"$HAMLETS_DATABASE_URL"}
    elif [ -f "$data/workspace/workspace.sqlite3" ]; then
        # SQLite's own copy: whole even while the site writes
        "${PYTHON:-python3}" - "$data/workspace/workspace.sqlite3" "$beside/workspace/workspace.sqlite3" <<'PY'
import sqlite3
import sys

source, target = (sqlite3.connect(path) for path in sys.argv[1:])
with target:
    source.backup(target)
PY
    fi
    (cd "$beside" && find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum >SHA256SUMS)
    mv "$beside" "$backups/$name"
    find "$backups" -maxdepth 1 -name '20*' -type d | sort | head -n -"$keep" | xargs -r rm -rf
    echo "Backup $name is whole."
}

mkdir -p "$backups"
if [ "${1:-}" = --each-night ]; then
    while true; do
        now="$(date +%s)"
        next="$(date -d '02:30' +%s)"
        [ "$next" -le "$now" ] && next="$(date -d 'tomorrow 02:30' +%s)"
        sleep "$((next - now))"
        backup || echo "The backup did not end; the last whole one stays." >&2
    done
fi
backup
