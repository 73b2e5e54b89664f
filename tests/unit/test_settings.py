"""Settings come from the environment, are checked, and fail with a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hamlets import settings as module
from hamlets.errors import UsageError
from hamlets.settings import DEFAULTS, DESCRIPTIONS, cache_dir, settings


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("HAMLETS_")]:
        monkeypatch.delenv(name)


def test_defaults() -> None:
    chosen = settings()
    assert chosen.store == Path("hamlets-store")
    assert chosen.key_file.name == "pseudonym.key"
    assert chosen.key_file.is_absolute()
    assert chosen.log_file is not None
    assert chosen.log_file.name == "hamlets.log"
    assert chosen.cache_dir is None
    assert chosen.log_level == "info"
    assert chosen.wait_seconds == 60


def test_the_environment_is_read_at_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAMLETS_STORE", "elsewhere")
    assert settings().store == Path("elsewhere")
    monkeypatch.setenv("HAMLETS_STORE", "elsewhere else")
    assert settings().store == Path("elsewhere else")


def test_a_blank_log_file_means_no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAMLETS_LOG_FILE", "")
    assert settings().log_file is None


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HAMLETS_WAIT_SECONDS", "soon"),
        ("HAMLETS_WAIT_SECONDS", "-1"),
        ("HAMLETS_LOG_LEVEL", "chatty"),
        ("HAMLETS_KEY_FILE", "  "),
        ("HAMLETS_STORE", ""),
    ],
)
def test_a_wrong_value_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(UsageError) as caught:
        settings()
    assert variable in caught.value.message
    assert caught.value.where == variable
    assert caught.value.exit_code == 2


def test_every_field_is_described() -> None:
    fields = module._settings_class().model_fields
    assert {f"HAMLETS_{name.upper()}" for name in fields} == set(DESCRIPTIONS)
    assert set(DEFAULTS) == set(DESCRIPTIONS)


def test_the_cache_folder_that_is_named_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HAMLETS_CACHE_DIR", str(tmp_path / "new" / "cache"))
    assert cache_dir() == tmp_path / "new" / "cache"
    assert cache_dir().is_dir()


def test_a_cache_folder_that_cannot_be_made_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HAMLETS_CACHE_DIR", str(tmp_path / "file" / "cache"))
    with pytest.raises(UsageError, match="compiled code"):
        cache_dir()


def test_without_a_writable_home_the_cache_is_temporary(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(module, "user_cache_path", lambda *_, **__: tmp_path / "file" / "cache")
    folder = cache_dir()
    assert folder.is_dir()
    assert folder == cache_dir()
    assert folder.stat().st_mode & 0o077 == 0
    folder.rmdir()
    module._temporary_folder.cache_clear()


def test_importing_settings_and_logs_loads_neither_pydantic_nor_structlog() -> None:
    code = (
        "import sys, hamlets.settings, hamlets.logs;"
        "sys.exit(' '.join({'pydantic', 'structlog'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stderr.strip() == ""


def test_compiled_code_has_a_folder_for_each_state_of_the_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function that is built into its callers must not outlive a change of its file."""
    package = tmp_path / "hamlets"
    kernel = package / "continuity" / "kernel.py"
    kernel.parent.mkdir(parents=True)
    kernel.write_text("from hamlets.continuity.compiled import compiled\nlimit = 1\n")
    (package / "words.py").write_text("hello = 1\n")
    monkeypatch.setenv("HAMLETS_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "__file__", str(package / "settings.py"))
    before = module.compiled_code_dir()
    (package / "words.py").write_text("hello = 2\n")
    assert module.compiled_code_dir() == before
    kernel.write_text("from hamlets.continuity.compiled import compiled\nlimit = 2\n")
    after = module.compiled_code_dir()
    assert after != before
    assert after.parent == before.parent == tmp_path / "cache" / "compiled"
