"""Who knows this patient: find one, see who looks after them and who is in (pages.md 3.7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hamlets.publish import numbers
from hamlets.web import dates
from hamlets.web.answers.versions import Version
from hamlets.web.audit import chain
from hamlets.web.forms.fields import DateField, Look, TextField
from hamlets.web.pages.answered import nothing_loaded, show_current
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing, page
from hamlets.web.reading import elsewhere
from hamlets.web.reading import patients as reading
from hamlets.web.reading.showing import contact_strip, keeper_lines, seen_line, week_of
from hamlets.web.reception import reasons, saying, wording
from hamlets.web.words import text


def now() -> tuple[date, int]:
    """Return today and the minute of it, by the clock of the records."""
    at = dates.local(timezone.now())
    return at.date(), at.hour * 60 + at.minute


class NameForm(forms.Form):
    """A name and a birth date: together they show the right person alone."""

    name = TextField(
        text("patients.name"),
        hint=text("patients.name_hint"),
        max_length=80,
        autocomplete="off",
        look=Look(width=20),
    )
    born = DateField(
        text("patients.born"),
        hint=text("patients.born_hint"),
        missing=text("patients.born_missing"),
    )

    def clean_name(self) -> str:
        """Return the name; two letters or more."""
        name = str(self.cleaned_data["name"]).strip()
        if sum(letter.isalnum() for letter in name) < reading.LEAST_LETTERS:
            raise ValidationError(text("patients.name_short"))
        return name


class NumberForm(forms.Form):
    """A whole NHS number, or a code, as far as these records can be searched by them."""

    def __init__(self, offer: reading.Offer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = "number_or_code" if offer.numbers and offer.codes else "number"
        kind = kind if offer.numbers else "code"
        self.wrong = text("patients.number_wrong" if offer.numbers else "patients.code_wrong")
        self.fields["number"] = TextField(
            text(f"patients.{kind}"),
            hint=text("patients.number_hint" if offer.numbers else "patients.code_hint"),
            max_length=80,
            autocomplete="off",
            look=Look(width=20 if offer.numbers and not offer.codes else 30, label_size="m"),
        )

    def clean_number(self) -> str:
        """Return the number; a part of one finds nobody."""
        typed = str(self.cleaned_data["number"]).strip()
        if not reading.is_whole(typed):
            raise ValidationError(self.wrong)
        return typed


@page(May.find_patient)
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest, here: Standing) -> HttpResponse:
    """Return the search, or go to the one patient found; ``?q=`` goes to a code's patient."""
    version = show_current(request)
    if version is None:
        return nothing_loaded(request, text("patients.find"))
    today, _ = now()
    if "q" in request.GET:
        return _linked(request, here, version, today)
    offer = reading.offer(here, version, today)
    posted = request.POST if request.method == "POST" else None
    by_number = posted is not None and "number" in posted
    name_form = NameForm(None if by_number else posted) if offer.names else None
    number_form = NumberForm(offer, posted if by_number else None)
    results: reading.Results | None = None
    used = number_form if by_number else name_form
    if posted is not None and used is not None and used.is_valid():
        given = used.cleaned_data
        if by_number:
            results = reading.by_number(here, version, today, given["number"])
        else:
            results = reading.by_name(here, version, today, given["name"], given["born"])
        if len(results.patients) == 1:
            return redirect(_address(here, results.patients[0].code))
    wrong = used is not None and bool(used.errors)
    context = {
        "form": used if wrong else None,
        "name_form": name_form,
        "number_form": number_form,
        "offer": offer,
        "results": results,
        "elsewhere": bool(elsewhere.practices(here)),
        "week": week_of(here, reading.who_is_in(here, version, today), today),
        "most": reading.MOST_RESULTS,
    }
    return render(request, "patients/find.html", context, status=422 if wrong else 200)


def _linked(request: HttpRequest, here: Standing, version: Version, today: date) -> HttpResponse:
    """Go to the patient whose code a link of this practice's pages carries."""
    code = reading.code_of(here, version, today, request.GET["q"][:80])
    if code is None:
        return render(request, "patients/none.html", status=404)
    return redirect(_address(here, code))


def _address(here: Standing, code: str) -> str:
    return f"{here.home}patients/{code}/"


@page(May.find_patient)
@require_safe
def patient(request: HttpRequest, here: Standing, patient: str) -> HttpResponse:
    """Return who knows a patient; the look is noted before anything is read of them."""
    version = show_current(request)
    today, minute = now()
    found = version and reading.patient(here, version, today, patient)
    if version is None or found is None:
        raise Http404
    chain.note(here, "patient opened", found.code)
    known = reading.who_knows(here, version, today, minute, found)
    here_still = known.registered and found.death_date is None
    context: Mapping[str, Any] = {
        "patient": found,
        "facts": _facts(found),
        "known": known,
        "here_still": here_still,
        "keepers": keeper_lines(known, minute),
        "basis": _basis(known),
        "looks": elsewhere.looks(here, found.code),
        "seen": seen_line(known),
        "strip": contact_strip(known),
        "said": saying.words_for(here, known, minute) if here_still else (),
        "free": text("patients.free_note", date=numbers.day(version.loaded))
        if version.loaded and (known.own_free or known.soonest)
        else "",
        "reasons": reasons.reasons(),
    }
    return render(request, "patients/patient.html", context)


def _facts(found: reading.Patient) -> list[str]:
    """Return the parts of the line under the name; what the records do not hold is left out."""
    parts: list[str] = []
    if found.birth_date:
        parts.append(text("patients.born_day", date=numbers.day(found.birth_date)))
    elif found.birth_year:
        parts.append(text("patients.born_year", year=found.birth_year))
    if found.nhs_number:
        digits = found.nhs_number
        spaced = f"{digits[:3]} {digits[3:6]} {digits[6:]}"
        test = digits.startswith("999")
        key = "patients.test_number" if test else "patients.nhs_number"
        parts.append(text(key, number=spaced))
    elif found.name:
        parts.append(text("patients.code_line", code=found.code))
    return parts


def _basis(known: Any) -> str:
    """Return where the times come from."""
    if known.own is None or known.own.being_in.known_until is None:
        return ""
    being_in = known.own.being_in
    key = "patients.rota_note" if being_in.basis == "rota" else "patients.usual_note"
    return text(key, date=numbers.day(being_in.known_until))


@page(May.find_patient)
@require_POST
def reason(request: HttpRequest, here: Standing, patient: str) -> HttpResponse:
    """Count why a patient did not see the own GP: of no patient, by nobody."""
    given = request.POST.get("reason", "")
    if given not in reasons.REASONS or not reading.is_code(patient):
        raise Http404
    today, _ = now()
    reasons.count(here, given, today)
    said = text(f"reception.reason.{given}")
    messages.success(request, text("patients.reason_noted", reason=said))
    return redirect(_address(here, patient))


@page(May.find_patient)
@require_safe
def words(request: HttpRequest, here: Standing) -> HttpResponse:
    """Return the practice's words for reception, to read and to print on one A5 page."""
    show_current(request)
    today, _ = now()
    months, rows = reasons.counted(here, today)
    context = {
        "sentences": wording.sentences(here),
        "may_change": here.may(May.change_words),
        "months": [numbers.month(month) for month in months],
        "rows": rows if here.may(May.change_words) else (),
    }
    return render(request, "patients/words.html", context)


class WordsForm(forms.Form):
    """One sentence in the practice's own words."""

    def __init__(self, now_said: wording.Sentence, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = ", ".join(f"{{{name}}}" for name in now_said.fields)
        hint = "reception.change_hint" if names else "reception.change_hint_none"
        self.fields["words"] = TextField(
            text("reception.change_label"),
            hint=text(hint, names=names),
            required=False,
            max_length=wording.LONGEST,
            widget=forms.Textarea(attrs={"rows": 4}),
            initial=now_said.words,
        )


@page(May.change_words)
@require_http_methods(["GET", "HEAD", "POST"])
def change_words(request: HttpRequest, here: Standing, sentence: str) -> HttpResponse:
    """Ask for the practice's own words for one sentence, and keep them."""
    show_current(request)
    now_said = wording.sentence(here, sentence)
    if now_said is None:
        raise Http404
    form = WordsForm(now_said, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            wording.change(here, sentence, form.cleaned_data["words"])
        except wording.WordsRefusedError as refused:
            form.add_error("words", str(refused))
        else:
            messages.success(request, text("reception.saved"))
            return redirect(f"{here.home}patients/words/")
    context = {"form": form, "sentence": now_said}
    return render(request, "patients/change.html", context, status=422 if form.errors else 200)


urlpatterns = [
    path("<kind>/<code>/patients/", find, name="patients"),
    path("<kind>/<code>/patients/words/", words, name="patient-words"),
    path("<kind>/<code>/patients/words/<sentence>/", change_words, name="patient-words-change"),
    path("<kind>/<code>/patients/<patient>/", patient, name="patient"),
    path("<kind>/<code>/patients/<patient>/reason/", reason, name="patient-reason"),
]
