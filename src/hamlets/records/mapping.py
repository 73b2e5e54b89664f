"""The mapping file: how columns and words of any CSV become ours.

[appointments]
file = "Appointments*.csv"
date_format = "%d/%m/%Y %H:%M"

[appointments.columns]
patient_id = "NHS Number"
start_time = ["Appointment Date", "Appointment Time"]

[appointments.values.status]
"Seen" = "attended"

[appointments.constants]
practice_id = "Y00001"
"""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from hamlets.errors import SourceError
from hamlets.records.tables import TABLES, VOCABULARIES, Table
from hamlets.records.times import form_problem
from hamlets.records.toml_files import read_toml

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_MAX_BYTES = 2**20

Text = Annotated[str, Field(min_length=1, max_length=200)]


class TableMapping(BaseModel):
    """How one canonical table is found and read. All names are the source's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: list[Text] = Field(default_factory=list[str])
    """Patterns of file names; none = the file named after the table."""
    delimiter: str | None = None
    columns: dict[str, list[Text]] = Field(default_factory=dict[str, list[str]])
    """Canonical column -> source columns, joined by a space where several."""
    date_format: str | None = None
    date_formats: dict[str, str] = Field(default_factory=dict[str, str])
    values: dict[str, dict[str, str]] = Field(default_factory=dict[str, dict[str, str]])
    constants: dict[str, Text] = Field(default_factory=dict[str, str])

    @model_validator(mode="before")
    @classmethod
    def _lists(cls, data: object) -> object:
        """Take one file or one source column without its brackets."""
        if not isinstance(data, dict):
            return data
        given: dict[str, object] = {str(k): v for k, v in data.items()}
        if isinstance(given.get("file"), str):
            given["file"] = [given["file"]]
        columns = given.get("columns")
        if isinstance(columns, dict):
            given["columns"] = {k: [v] if isinstance(v, str) else v for k, v in columns.items()}
        return given

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.delimiter is not None and self.delimiter not in DELIMITERS:
            raise ValueError(f"delimiter must be one of {', '.join(map(repr, DELIMITERS))}")
        for form in filter(None, (self.date_format, *self.date_formats.values())):
            if (problem := form_problem(form)) is not None:
                raise ValueError(f'the date format "{form}" cannot be used: {problem}')
        if any(not names for names in self.columns.values()):
            raise ValueError("a column is mapped to an empty list")
        both = sorted(set(self.columns) & set(self.constants))
        if both:
            raise ValueError(f"{both[0]} is both a column and a constant")
        return self

    def form(self, column: str) -> str | None:
        """Return the date form of a canonical column, None for ISO 8601."""
        return self.date_formats.get(column, self.date_format)

    def words(self) -> dict[str, dict[str, str]]:
        """Return column -> (source word in lower case -> our word)."""
        return {
            column: {word.strip().lower(): ours for word, ours in words.items()}
            for column, words in self.values.items()
        }


@dataclass(frozen=True)
class Mapping:
    """A whole mapping file: canonical table -> how it is read."""

    name: str
    tables: ReadOnly[str, TableMapping]


def read_mapping(path: str | Path) -> Mapping:
    """Return the mapping of a TOML file; SourceError says what to mend in it."""
    path = Path(path)
    return make_mapping(path.name, read_toml(path, "mapping file", _MAX_BYTES))


def make_mapping(file: str, data: ReadOnly[str, object]) -> Mapping:
    """Return the mapping that a table of TOML tells; SourceError says what to mend in it."""
    tables: dict[str, TableMapping] = {}
    for name, content in data.items():
        table = TABLES.get(name)
        if table is None:
            raise _wrong(
                f'The mapping file names a table "{name}" that there is none of.',
                file,
                f"The tables are: {', '.join(TABLES)}.",
            )
        tables[name] = _read_table(table, content, file)
    if not tables:
        raise _wrong("The mapping file maps no table.", file, "Begin with a line [appointments].")
    return Mapping(file, tables)


def _read_table(table: Table, content: object, file: str) -> TableMapping:
    try:
        mapping = TableMapping.model_validate(content)
    except ValidationError as error:
        first: ErrorDetails = error.errors(include_url=False)[0]
        place = ".".join([table.name, *(str(part) for part in first["loc"])])
        message = str(first["msg"]).removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            message = f"there is no such entry; there are: {', '.join(TableMapping.model_fields)}"
        raise _wrong(
            "The mapping file is not right.", f"{file}: [{place}]", f"Mend this: {message}."
        ) from error
    _check_names(table, mapping, file)
    return mapping


def _check_names(table: Table, mapping: TableMapping, file: str) -> None:
    sections = {
        "columns": mapping.columns,
        "date_formats": mapping.date_formats,
        "values": mapping.values,
        "constants": mapping.constants,
    }
    for section, entries in sections.items():
        for column in entries:
            if column not in table.names:
                raise _wrong(
                    f'The table {table.name} has no column "{column}".',
                    f"{file}: [{table.name}.{section}]",
                    f"Its columns are: {', '.join(table.names)}.",
                )
    for column in mapping.date_formats:
        if table.column(column).kind not in ("date", "time"):
            raise _wrong(
                f"{column} holds no date.", f"{file}: [{table.name}.date_formats]", "Leave it out."
            )
    for column, words in mapping.values.items():
        vocabulary = VOCABULARIES.get(table.column(column).vocabulary or "")
        for word in words.values():
            if vocabulary is not None and word not in vocabulary:
                raise _wrong(
                    f'"{word}" is not a word of {column}.',
                    f"{file}: [{table.name}.values.{column}]",
                    f"Its words are: {', '.join(vocabulary)}.",
                )


def _wrong(message: str, where: str, hint: str) -> SourceError:
    return SourceError(message, where=where, hint=hint)
