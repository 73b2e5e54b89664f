"""Form fields: what they take, what they say, and how they are drawn."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
import site_setup  # noqa: F401 - before anything of Django
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict
from hypothesis import given
from hypothesis import strategies as st

from hamlets.web.forms.drawing import draw, problems
from hamlets.web.forms.fields import (
    CheckboxField,
    CodeField,
    DateField,
    EmailField,
    FileField,
    Look,
    NumberField,
    PasswordField,
    RadiosField,
    SelectField,
    TextField,
    lower_first,
)


def form_of(field: forms.Field, data: dict[str, Any] | None = None, files: Any = None) -> Any:
    made = type("Form", (forms.Form,), {"it": field})
    return made(data, files) if data is not None else made()


def said(field: forms.Field, data: dict[str, Any], files: Any = None) -> str:
    return " ".join(form_of(field, data, files).errors.get("it", []))


def boxes(day: str, month: str, year: str) -> dict[str, str]:
    return {"it-day": day, "it-month": month, "it-year": year}


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_date_comes_back_from_its_boxes(when: date) -> None:
    asked = form_of(DateField("Day"), boxes(str(when.day), f"{when.month:02d}", str(when.year)))
    assert asked.is_valid()
    assert asked.cleaned_data["it"] == when
    drawn = str(draw(form_of(DateField("Day", initial=when))["it"]))
    assert re.findall(r'value="(\d+)"', drawn) == [str(when.day), str(when.month), str(when.year)]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (boxes("", "", ""), "Enter last day"),
        (boxes("3", "", "2031"), "Add the month to the date"),
        (boxes("", "6", "2031"), "Add the day to the date"),
        (boxes("31", "2", "2031"), "Check the day and the month: there is no such date"),
        (boxes("3", "June", "2031"), "Write the date in numbers, such as 27 3 2031"),
        (boxes("3", "6", "31"), "Write the year with all 4 digits"),
        (boxes("3", "6", "20311"), "Write the date in numbers, such as 27 3 2031"),
        (boxes("٣", "6", "2031"), "Write the date in numbers, such as 27 3 2031"),
        (boxes("1", "6", "2031"), "Enter a date from 2 June 2031 on"),
        (boxes("9", "6", "2031"), "Enter a date up to 8 June 2031"),
        ({}, "Enter last day"),
    ],
)
def test_a_date_says_what_would_do(data: dict[str, str], words: str) -> None:
    field = DateField("Last day", earliest=date(2031, 6, 2), latest=date(2031, 6, 8))
    assert said(field, data) == words


def test_a_date_may_be_left_out_where_none_is_needed() -> None:
    asked = form_of(DateField("Day", required=False), boxes("", "", ""))
    assert asked.is_valid()
    assert asked.cleaned_data["it"] is None


def test_only_the_box_that_is_missing_is_marked_and_linked() -> None:
    asked = form_of(DateField("Day"), boxes("3", "", "2031"))
    drawn = str(draw(asked["it"]))
    marked = re.findall(r'nhsuk-input--error[^>]*id="([^"]+)"', drawn)
    assert marked == ["id_it-month"]
    assert 'href="#id_it-month"' in problems(asked)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "Enter sessions"),
        ("many", "Sessions: enter a whole number, such as 12"),
        ("2.5", "Sessions: enter a whole number, such as 12"),
        ("0", "Sessions: enter 1 or more"),
        ("12", "Sessions: enter 10 or less"),
        ("10", ""),
    ],
)
def test_a_number_says_what_would_do(value: str, words: str) -> None:
    assert said(NumberField("Sessions", least=1, most=10), {"it": value}) == words


def test_a_number_may_have_commas() -> None:
    asked = form_of(NumberField("Patients"), {"it": "12,480"})
    assert asked.is_valid()
    assert asked.cleaned_data["it"] == 12480


def test_other_fields_say_what_to_do() -> None:
    choices = [("a", "A")]
    assert said(TextField("Name"), {"it": " "}) == "Enter name"
    assert said(TextField("NHS number"), {"it": ""}) == "Enter NHS number"
    assert said(TextField("Name", missing="Tell us your name"), {}) == "Tell us your name"
    assert said(TextField("Name", max_length=3), {"it": "four"}) == "Name: use 3 letters or fewer"
    assert said(EmailField("E-mail"), {"it": "ash"}) == (
        "Enter an e-mail address like name@example.org"
    )
    assert said(SelectField("Place", choices), {"it": "b"}) == "Choose one of those listed"
    assert said(RadiosField("Role", choices), {}) == "Choose role"
    assert said(CheckboxField("Seen by all"), {}) == "Tick the box: seen by all"
    assert said(PasswordField("Password"), {"it": ""}) == "Enter password"
    assert said(CodeField("Code"), {}) == "Enter the code"
    assert said(FileField("File"), {}) == "Choose a file"
    empty = SimpleUploadedFile("a.csv", b"")
    assert said(FileField("File"), {}, MultiValueDict({"it": [empty]})) == "The file is empty."


def test_an_address_is_kept_in_small_letters_and_one_that_is_too_long_is_refused() -> None:
    asked = form_of(EmailField("E-mail"), {"it": "Ash@Example.org"})
    assert asked.is_valid()
    assert asked.cleaned_data["it"] == "ash@example.org"
    long = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.org"
    assert said(EmailField("E-mail"), {"it": long})


def test_a_code_may_have_blanks() -> None:
    asked = form_of(CodeField("Code"), {"it": " 123 456 "})
    assert asked.is_valid()
    assert asked.cleaned_data["it"] == "123456"


def test_several_files_come_as_a_list() -> None:
    files = MultiValueDict({"it": [SimpleUploadedFile(f"{n}.csv", b"x") for n in "ab"]})
    asked = form_of(FileField("Files", several=True), {}, files)
    assert asked.is_valid()
    assert [file.name for file in asked.cleaned_data["it"]] == ["a.csv", "b.csv"]
    assert said(FileField("Files", several=True), {}, MultiValueDict()) == "Choose a file"
    assert form_of(
        FileField("Files", several=True, required=False), {}, MultiValueDict()
    ).is_valid()


def test_secrets_are_never_drawn_again() -> None:
    for field in (PasswordField("Password"), CodeField("Code")):
        assert "swordfish" not in draw(form_of(field, {"it": "swordfish"})["it"])


def test_a_field_is_tied_to_its_hint_and_its_error() -> None:
    drawn = str(draw(form_of(TextField("Name", hint="As on your badge"), {"it": ""})["it"]))
    assert 'aria-describedby="id_it-hint id_it-error"' in drawn
    assert 'id="id_it-hint"' in drawn
    assert 'id="id_it-error"' in drawn


def test_what_somebody_typed_is_text() -> None:
    hostile = '"><script>alert(1)</script>'
    asked = form_of(TextField("Name", max_length=3, hint=hostile), {"it": hostile})
    assert "<script>" not in draw(asked)
    assert "<script>" not in problems(asked)


def test_the_summary_is_empty_where_nothing_is_wrong_and_takes_the_focus_where_it_is() -> None:
    assert problems(form_of(TextField("Name"))) == ""
    assert problems(form_of(TextField("Name"), {"it": "Ash"})) == ""
    drawn = problems(form_of(TextField("Name"), {"it": ""}))
    assert "There is a problem" in drawn
    assert 'tabindex="-1" autofocus' in drawn


def test_what_is_wrong_with_the_whole_form_leads_to_its_first_field() -> None:
    asked = form_of(TextField("Name"), {"it": "Ash"})
    asked.add_error(None, "These do not belong together")
    assert 'href="#id_it"' in problems(asked)


def test_any_field_of_django_can_be_drawn() -> None:
    class Theirs(forms.Form):
        text = forms.CharField()
        tick = forms.BooleanField()
        one = forms.ChoiceField(choices=[("a", "A")])
        kept = forms.CharField(widget=forms.HiddenInput)

    drawn = str(draw(Theirs({"text": "x", "kept": "y"})))
    assert drawn.count("nhsuk-form-group ") == 1 + 1  # the tick and the choice are wrong
    assert '<input type="hidden" name="kept" value="y"' in drawn


def test_choices_keep_what_was_chosen_and_have_hints() -> None:
    choices = [("1", "One"), ("2", "Two")]
    drawn = str(
        draw(form_of(RadiosField("Which", choices, look=Look(hints={"2": "Both"})), {"it": "2"}))
    )
    assert re.findall(r'value="(\d)" checked', drawn) == ["2"]
    assert "Both" in drawn
    assert 'value="2" selected' in str(draw(form_of(SelectField("Which", choices), {"it": "2"})))


@pytest.mark.parametrize(
    ("label", "inside"), [("Name", "name"), ("NHS number", "NHS number"), ("", ""), ("A", "a")]
)
def test_a_label_inside_a_sentence(label: str, inside: str) -> None:
    assert lower_first(label) == inside


@pytest.mark.parametrize(
    ("label", "typed", "said"),
    [
        ("How many?", "", "Answer: How many?"),
        ("How many?", "many", "How many? Enter a whole number, such as 12"),
        ("How many?", "99", "How many? Enter 9 or less"),
        ("GPs", "", "Enter GPs"),
        ("GPs", "0", "GPs: enter 1 or more"),
    ],
)
def test_what_is_wrong_reads_as_a_sentence_after_a_question_too(
    label: str, typed: str, said: str
) -> None:
    with pytest.raises(ValidationError) as wrong:
        NumberField(label, least=1, most=9).clean(typed)
    assert wrong.value.messages == [said]
