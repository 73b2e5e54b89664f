"""Files, folders and archives are opened safely, and refused with a sentence."""

from __future__ import annotations

import gzip
import io
import os
import time
import zipfile
from pathlib import Path

import pytest

from hamlets.errors import SourceError
from hamlets.records.packed import Limits
from hamlets.records.sources import open_source


def refusal(*paths: Path | str, **options: int) -> SourceError:
    """Return the error of opening and reading everything behind these paths."""
    with pytest.raises(SourceError) as caught, open_source(paths, **options) as source:
        for member in source:
            with member.open() as stream:
                while stream.read(2**20):
                    pass
    error = caught.value
    assert error.exit_code == 3
    assert error.message.endswith(".") and error.hint
    return error


def make_zip(path: Path, entries: dict[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def test_folder_is_walked_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b.csv", "in/a.csv", ".hidden.csv", "__MACOSX/a.csv", "in/._a.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n")
    with open_source([tmp_path]) as source:
        assert source.names() == ["b.csv", "in/a.csv"]
        assert source.label == tmp_path.name


@pytest.mark.parametrize("packed_name", ["a.csv.gz", "a.csv"])
def test_gzip_is_known_by_content(tmp_path: Path, packed_name: str) -> None:
    path = tmp_path / packed_name
    path.write_bytes(gzip.compress(b"one,two\n"))
    with open_source([path]) as source:
        (member,) = source
        assert member.logical_name == "a.csv"
        assert (member.stem, member.suffix, member.path) == ("a", ".csv", None)
        assert member.open().read() == b"one,two\n"
        assert member.head(3) == b"one"


def test_plain_file_called_gz_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(b"one\n")
    with open_source([path]) as source:
        assert source.members[0].open().read() == b"one\n"


def test_zip_members_are_listed_and_read(tmp_path: Path) -> None:
    path = make_zip(
        tmp_path / "all.zip",
        {
            "data/patients.csv": b"p\n1\n",
            "data/e.ndjson.gz": gzip.compress(b"{}\n"),
            "__MACOSX/._patients.csv": b"junk",
            "logo.png": b"\x89PNG\r\n\x1a\n....",
        },
    )
    with open_source([path]) as source:
        assert source.names() == ["data/patients.csv", "data/e.ndjson.gz"]
        assert source.ignored == {"logo.png": "a picture"}
        assert [m.open().read() for m in source] == [b"p\n1\n", b"{}\n"]
        with source.members[0].open_seekable() as stream:
            stream.seek(2)
            assert stream.read() == b"1\n"


def test_archive_beside_its_own_files_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n")
    make_zip(tmp_path / "all.zip", {"a.csv": b"x\n"})
    with open_source([tmp_path]) as source:
        assert source.names() == ["a.csv"]
        assert list(source.ignored) == ["all.zip"]


def test_folder_of_archives_is_read(tmp_path: Path) -> None:
    make_zip(tmp_path / "jan.zip", {"a.csv": b"1\n"})
    make_zip(tmp_path / "feb.zip", {"a.csv": b"2\n"})
    with open_source([tmp_path]) as source:
        assert source.names() == ["a.csv", "2/a.csv"]
        assert [m.open().read() for m in source] == [b"2\n", b"1\n"]


def test_archive_beside_its_licence_is_read(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_text("free\n")
    make_zip(tmp_path / "all.zip", {"a.csv": b"x\n"})
    with open_source([tmp_path]) as source:
        assert source.names() == ["LICENSE", "a.csv"]


def test_same_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x\n")
    with open_source([path, tmp_path]) as source:
        assert source.names() == ["a.csv"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "This file is empty."),
        ("a.csv", b"\x89PNG\r\n\x1a\n0000", "This is a picture, not a table."),
        ("a.csv", b"\xff\xd8\xff\xe0JFIF", "This is a picture, not a table."),
        ("a.csv", b"%PDF-1.7", "This is a PDF document, not a table."),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "This is an Office document, not a table."),
    ],
)
def test_what_is_no_table_is_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    error = refusal(tmp_path / name)
    assert (error.message, error.where) == (message, name)


def test_spreadsheet_is_named(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.csv", {"_rels/.rels": b"", "[Content_Types].xml": b"<x/>"})
    error = refusal(path)
    assert error.message == "This is a spreadsheet, not a table."
    assert "CSV" in (error.hint or "")


def test_missing_file_folder_for_file_and_nothing(tmp_path: Path) -> None:
    assert "no such" in refusal(tmp_path / "none.csv").message
    (tmp_path / "a.csv").mkdir()
    assert "folder" in refusal(tmp_path / "a.csv").message
    (tmp_path / "empty").mkdir()
    assert "no file" in refusal(tmp_path / "empty").message
    assert "not a path" in refusal("a\0b").message
    assert "no such" in refusal(tmp_path / ("x" * 200) / "y").message


def test_device_is_refused() -> None:
    assert refusal("/dev/zero").message == "This is not a file."


def test_pipe_in_a_folder_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n")
    os.mkfifo(tmp_path / "pipe.csv")
    with open_source([tmp_path]) as source:
        assert source.names() == ["a.csv"]
        assert source.ignored == {"pipe.csv": "not a file"}


def test_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x\n")

    def denied(*_args: object, **_options: object) -> io.BytesIO:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    assert "may not read" in refusal(path).message


@pytest.mark.parametrize("name", ["../a.csv", "/etc/a.csv", "C:\\a.csv", "x\\..\\..\\a.csv"])
def test_archive_that_escapes_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "slip.zip"
    with zipfile.ZipFile(path, "w") as archive:
        entry = zipfile.ZipInfo("x")
        entry.filename = name
        archive.writestr(entry, b"1\n")
    assert "outside its folder" in refusal(path).message


def test_nested_archive_is_refused(tmp_path: Path) -> None:
    inner = make_zip(tmp_path / "inner.zip", {"a.csv": b"x\n"})
    outer = make_zip(tmp_path / "outer.zip", {"inner.zip": inner.read_bytes()})
    assert refusal(outer).message == "This archive holds another archive."
    packed = tmp_path / "b.csv.gz"
    packed.write_bytes(gzip.compress(inner.read_bytes()))
    assert refusal(packed).message == "This is an archive inside another, not a table."
    packed.write_bytes(gzip.compress(gzip.compress(b"x\n")))
    assert refusal(packed).message == "This is a compressed file inside another, not a table."


def test_empty_archive_is_refused(tmp_path: Path) -> None:
    assert "no file" in refusal(make_zip(tmp_path / "a.zip", {})).message


def test_limits() -> None:
    limits = Limits(max_bytes=1000, ratio=10, ratio_after=100)
    assert not limits.broken_by(100, 1)
    assert limits.broken_by(101, 10)
    assert not limits.broken_by(1000, 100)
    assert limits.broken_by(1001, 1000)


def test_absolute_limit_while_reading(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(os.urandom(3 * 2**20), 1))
    assert "far more" in refusal(path, max_bytes=2**20).message


def test_regular_file_of_modest_size_is_no_bomb(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"same,row\n" * 1_000_000))
    with open_source([path]) as source:
        started = time.monotonic()
        assert len(source.members[0].open().read()) == 9_000_000
        assert time.monotonic() - started < 2
