"""Fields of forms, with the words of their labels, hints and errors.

A field says how it is drawn in ``look``. Its message for an empty answer tells what to do:
"Enter your name"; a page that knows better says so with ``missing=``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator

from hamlets.publish.numbers import day
from hamlets.web.words import text

Choices = Iterable[tuple[str, str]] | Callable[[], Iterable[tuple[str, str]]]
MOST_LETTERS = 500
"""A text longer than this is not an answer to any of our questions, unless a field says so."""


@dataclass(frozen=True)
class Look:
    """How a field is drawn, beyond what its widget says."""

    width: int | None = None
    """Characters that the box is wide: 2, 3, 4, 5, 10, 20 or 30."""
    label_size: str | None = None
    """``s``, ``m``, ``l`` or ``xl`` for a bold label."""
    heading: bool = False
    """The label is the heading of the page."""
    inline: bool = False
    """Choices stand beside each other."""
    small: bool = False
    prefix: str = ""
    suffix: str = ""
    hints: Mapping[str, str] = field(default_factory=dict)
    """Choices that have a hint of their own, by value."""


def lower_first(words: str) -> str:
    """Return the words for the middle of a sentence: "Name" as "name", "NHS number" as it is."""
    capital = len(words) > 1 and words[1:2].isupper()
    return words if capital else words[:1].lower() + words[1:]


def about(key: str, label: str, **values: object) -> str:
    """Return what is wrong with an answer, after its label: "Name: use 80 letters or fewer".

    A label that asks ends its own sentence: "How many? Enter 5 or more".
    """
    said = text(key, what=label, **values)
    asked, mark, rest = said.partition("?: ")
    return f"{asked}? {rest[:1].upper()}{rest[1:]}" if mark else said


def missing_words(key: str, label: str) -> str:
    """Return what to do about an empty answer: "Enter your name"; of a question, its words."""
    if label.endswith("?"):
        return text("forms.answer", what=label)
    return text(key, what=lower_first(label))


class Drawn(forms.Field):
    """What all fields here share; a mixin in front of Django's own field."""

    ask = "forms.enter"
    look: Look

    def __init__(
        self,
        label: str,
        *,
        hint: str = "",
        look: Look | None = None,
        missing: str = "",
        **options: Any,
    ) -> None:
        messages = {
            "required": missing or missing_words(self.ask, label),
            "invalid": text("forms.not_understood", what=lower_first(label)),
            "invalid_choice": text("forms.choose_listed"),
            **options.pop("error_messages", {}),
        }
        self.look = look or Look()
        super().__init__(label=label, help_text=hint, error_messages=messages, **options)


class TextField(Drawn, forms.CharField):
    """One line of text."""

    def __init__(self, label: str, *, autocomplete: str = "", **options: Any) -> None:
        options.setdefault("max_length", MOST_LETTERS)
        super().__init__(label, **options)
        _limit(self, label)
        if autocomplete:
            self.widget.attrs["autocomplete"] = autocomplete


class EmailField(Drawn, forms.EmailField):
    """An e-mail address, in small letters."""

    def __init__(self, label: str, **options: Any) -> None:
        wrong = {"invalid": text("forms.email")}
        super().__init__(label, error_messages=wrong, **options)
        self.validators = [v for v in self.validators if not isinstance(v, MaxLengthValidator)]
        for validator in self.validators:
            validator.message = text("forms.email")  # pyright: ignore[reportAttributeAccessIssue]
        self.widget.attrs.setdefault("autocomplete", "email")
        self.widget.attrs.pop("maxlength", None)

    def clean(self, value: Any) -> str:
        """Return the address; at most as long as the database keeps."""
        address = super().clean(value).lower()
        if len(address) > 254:
            raise ValidationError(text("forms.email"))
        return address


class TextareaField(TextField):
    """Several lines of text."""

    def __init__(self, label: str, *, rows: int = 5, **options: Any) -> None:
        options.setdefault("max_length", 4000)
        super().__init__(label, widget=forms.Textarea(attrs={"rows": rows}), **options)


class NumberField(Drawn, forms.IntegerField):
    """A whole number, typed as text: the arrows of a browser's number box change it unseen."""

    def __init__(
        self,
        label: str,
        *,
        least: int | None = None,
        most: int | None = None,
        **options: Any,
    ) -> None:
        box = forms.TextInput(attrs={"inputmode": "numeric"})
        wrong = {"invalid": about("forms.whole_number", label)}
        options.setdefault("look", Look(width=5))
        super().__init__(label, widget=box, error_messages=wrong, **options)
        if least is not None:
            self.validators.append(
                MinValueValidator(least, about("forms.at_least", label, n=least))
            )
        if most is not None:
            self.validators.append(MaxValueValidator(most, about("forms.at_most", label, n=most)))

    def to_python(self, value: Any) -> int | None:
        """Return the number; "12,480" is one too."""
        return super().to_python(value.replace(",", "") if isinstance(value, str) else value)


class DateBoxes(forms.Widget):
    """Day, month and year as three boxes, named ``name-day`` and so on."""

    boxes = ("day", "month", "year")

    def value_from_datadict(
        self, data: Mapping[str, Any], _files: Any, name: str
    ) -> tuple[str, str, str]:
        day_, month_, year_ = (str(data.get(f"{name}-{box}", "")).strip() for box in self.boxes)
        return day_, month_, year_

    def value_omitted_from_data(self, data: Mapping[str, Any], _files: Any, name: str) -> bool:
        return all(f"{name}-{box}" not in data for box in self.boxes)

    def id_for_label(self, id_: str) -> str:
        return f"{id_}-day" if id_ else id_

    def parts(self, value: object) -> tuple[str, str, str]:
        """Return what stands in the boxes for a date, for three texts, or for nothing."""
        if isinstance(value, date):
            return str(value.day), str(value.month), str(value.year)
        if isinstance(value, tuple):
            return value
        return "", "", ""


class DateField(Drawn):
    """A date in three boxes. The errors say which part is missing and what would do."""

    widget = DateBoxes

    def __init__(
        self,
        label: str,
        *,
        earliest: date | None = None,
        latest: date | None = None,
        **options: Any,
    ) -> None:
        self.earliest, self.latest = earliest, latest
        super().__init__(label, **options)

    def clean(self, value: Any) -> date | None:
        """Return the date, or None where none is needed and none was given."""
        parts: tuple[str, str, str] = value or ("", "", "")
        if not any(parts):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        lacking = [name for name, part in zip(DateBoxes.boxes, parts, strict=True) if not part]
        if lacking:
            part = text(f"forms.part_{lacking[0]}")
            raise ValidationError(text("forms.date_part", part=part), code=lacking[0])
        found = _date(parts)
        if self.earliest is not None and found < self.earliest:
            raise ValidationError(text("forms.date_from", date=day(self.earliest)), code="early")
        if self.latest is not None and found > self.latest:
            raise ValidationError(text("forms.date_to", date=day(self.latest)), code="late")
        return found


def _date(parts: tuple[str, str, str]) -> date:
    if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        raise ValidationError(text("forms.date_numbers"), code="numbers")
    number, month, year = (int(part) for part in parts)
    if year < 1000:
        raise ValidationError(text("forms.date_year"), code="year")
    try:
        return date(year, month, number)
    except ValueError:
        raise ValidationError(text("forms.date_none"), code="none") from None


class SelectField(Drawn, forms.ChoiceField):
    """One of many, in a list that opens."""

    ask = "forms.choose"

    def __init__(self, label: str, choices: Choices, **options: Any) -> None:
        super().__init__(label, choices=choices, **options)


class RadiosField(SelectField):
    """One of few, all to be seen."""

    widget = forms.RadioSelect


class CheckboxesField(Drawn, forms.MultipleChoiceField):
    """Any of few."""

    ask = "forms.choose_some"
    widget = forms.CheckboxSelectMultiple

    def __init__(self, label: str, choices: Choices, **options: Any) -> None:
        super().__init__(label, choices=choices, **options)


class CheckboxField(Drawn, forms.BooleanField):
    """One box that is ticked or not; it must be ticked where it is required."""

    ask = "forms.tick"


class FileField(Drawn, forms.FileField):
    """A file, or several, of the kinds named."""

    ask = "forms.choose_file"

    def __init__(
        self, label: str, *, accept: str = "", several: bool = False, **options: Any
    ) -> None:
        super().__init__(
            label,
            error_messages={
                "empty": text("forms.file_empty"),
                "missing": text("forms.choose_file"),
                "max_length": text("forms.file_name_long"),
            },
            **options,
        )
        self.several = several
        if accept:
            self.widget.attrs["accept"] = accept
        if several:
            self.widget = _SeveralFiles(attrs=self.widget.attrs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the file, or the list of files where several may come."""
        if not self.several:
            return super().clean(data, initial)
        if not data:
            return [super().clean(None, initial)] if self.required else []
        return [super(FileField, self).clean(item, initial) for item in data]


class _SeveralFiles(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name)


class PasswordField(Drawn, forms.CharField):
    """A password: ``current-password`` to sign in, ``new-password`` to choose one."""

    widget = forms.PasswordInput

    def __init__(
        self, label: str, *, autocomplete: str = "current-password", **options: Any
    ) -> None:
        options.setdefault("max_length", MOST_LETTERS)
        options.setdefault("look", Look(width=20))
        super().__init__(label, strip=False, **options)
        _limit(self, label)
        self.widget.attrs["autocomplete"] = autocomplete


class CodeField(Drawn, forms.CharField):
    """A code to be used once, from an app or a paper; blanks in it do not count."""

    ask = "forms.enter_the"

    def __init__(self, label: str, **options: Any) -> None:
        options.setdefault("max_length", 40)
        options.setdefault("look", Look(width=10))
        super().__init__(label, **options)
        _limit(self, label)
        self.widget.attrs.update(
            autocomplete="one-time-code", inputmode="numeric", autocapitalize="none"
        )

    def to_python(self, value: Any) -> str:
        """Return the code without blanks."""
        return "".join(str(super().to_python(value)).split())


def _limit(item: forms.CharField, label: str) -> None:
    """Say the limit of letters in our words, and let the box take more: it says nothing."""
    item.widget.attrs.pop("maxlength", None)
    for validator in item.validators:
        if isinstance(validator, MaxLengthValidator):
            validator.message = about("forms.too_long", label, n=validator.limit_value)
