"""Fifty who write to the audit log at once: no entry lost, the chain whole, nobody turned away."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

WRITERS, PROCESSES, EACH = 50, 2, 6

PREPARE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""
WRITE = """
import sys, threading
import django; django.setup()
from django.db import connection
from hamlets.web.audit import chain

trouble = []

def write(name):
    try:
        for number in range({each}):
            chain.record(None, "wrote", about=f"{{name}}-{{number}}", by=name)
    except Exception as error:
        trouble.append(repr(error))
    finally:
        connection.close()

names = [f"{{sys.argv[1]}}-{{n}}" for n in range({threads})]
threads = [threading.Thread(target=write, args=(name,)) for name in names]
for thread in threads: thread.start()
for thread in threads: thread.join()
print("\\n".join(trouble))
"""
READ = """
import django; django.setup()
from hamlets.web.audit import chain
from hamlets.web.audit.models import Entry
proof = chain.verify()
print(proof.holds, proof.entries, len(set(Entry.objects.values_list("about", flat=True))))"""
NAME = "hamlets_writers"


@pytest.fixture
def database() -> Iterator[str]:
    """The address of an empty database: SQLite's none, or a new one of PostgreSQL."""
    given = os.environ.get("HAMLETS_DATABASE_URL", "")
    if not given:
        yield ""
        return
    import psycopg
    from psycopg.sql import SQL, Identifier

    with psycopg.connect(given, autocommit=True) as server:
        server.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(NAME)))
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(NAME)))
        parts = urlsplit(given)
        yield urlunsplit(parts._replace(path=f"/{NAME}"))
        server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(NAME)))


def test_fifty_writers_leave_one_whole_chain(tmp_path: Path, database: str) -> None:
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("PYTEST")},
        "HAMLETS_WORKSPACE": str(tmp_path / "workspace"),
        "HAMLETS_DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "hamlets.web.settings",
    }

    def python(source: str, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", source, *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    assert python(PREPARE).communicate(timeout=120)[0] == ""
    write = WRITE.format(each=EACH, threads=WRITERS // PROCESSES)
    writers = [python(write, str(number)) for number in range(PROCESSES)]
    assert [writer.communicate(timeout=300)[0].strip() for writer in writers] == [""] * PROCESSES
    everything = WRITERS * EACH
    told = python(READ).communicate(timeout=120)[0].split()
    assert told == ["True", str(everything), str(everything)]
