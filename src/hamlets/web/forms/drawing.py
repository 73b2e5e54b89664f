"""Drawing bound fields and the summary of errors.

Any Django field can be drawn: what the accounts package brings gets the same components.
"""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundField
from django.utils.html import format_html
from markupsafe import Markup

from hamlets.web.forms.components import component
from hamlets.web.forms.fields import DateBoxes, Look
from hamlets.web.words import text

# Attributes that the components take as options of their own.
_OWN = ("autocomplete", "inputmode", "autocapitalize")


def draw(what: BoundField | forms.BaseForm) -> Markup:
    """Return a field, or all fields of a form in their order, as components."""
    if isinstance(what, forms.BaseForm):
        return Markup("\n").join(draw(bound) for bound in what)
    if what.is_hidden:
        return Markup(str(what))  # noqa: S704 - Django's own markup
    look = getattr(what.field, "look", Look())
    match what.field.widget:
        case DateBoxes():
            return _date(what, look)
        case forms.CheckboxSelectMultiple():
            return _choices(what, look, "checkboxes")
        case forms.RadioSelect():
            return _choices(what, look, "radios")
        case forms.Select():
            return _select(what, look)
        case forms.CheckboxInput():
            return _tick(what, look)
        case forms.Textarea():
            return _textarea(what, look)
        case forms.FileInput():
            return _file(what, look)
        case forms.PasswordInput():
            return _password(what, look)
        case widget:
            return _input(what, look, getattr(widget, "input_type", "text"))


def problems(*bound: forms.BaseForm) -> Markup:
    """Return the summary of what is wrong in the forms, linked to the fields; else nothing."""
    found: list[dict[str, Any]] = []
    for form in bound:
        fields = [field for field in form if not field.is_hidden]
        first = f"#{_first_id(fields[0])}" if fields else None
        found += [{"text": words, "href": first} for words in form.non_field_errors()]
        for field in form:
            target = first if field.is_hidden else f"#{_first_id(field)}"
            found += [{"text": words, "href": target} for words in field.errors]
    if not found:
        return Markup()
    return component(
        "error-summary",
        titleText=text("forms.problem"),
        errorList=found,
        # the browser moves the focus by itself, with scripts and without
        disableAutoFocus=True,
        attributes={"tabindex": "-1", "autofocus": {"value": True, "optional": True}},
    )


def _first_id(bound: BoundField) -> str:
    """Return the id of the box that a link of the summary goes to."""
    widget = bound.field.widget
    if isinstance(widget, DateBoxes):
        wrong = _wrong_box(bound)
        return f"{bound.auto_id}-{wrong or 'day'}"
    return str(bound.auto_id)


def _wrong_box(bound: BoundField) -> str | None:
    codes = [error.code for error in bound.errors.as_data()]
    wrong = [code for code in codes if code in DateBoxes.boxes]
    return wrong[0] if wrong else None


def _common(bound: BoundField, look: Look) -> dict[str, Any]:
    """Return the options that all components share."""
    options: dict[str, Any] = {
        "id": bound.auto_id,
        "name": bound.html_name,
        "label": {
            "text": bound.label,
            "size": look.label_size,
            "isPageHeading": look.heading,
        },
        "attributes": _attributes(bound),
    }
    if bound.field.disabled:
        options["disabled"] = True
    return {**options, **_said(bound)}


def _said(bound: BoundField) -> dict[str, Any]:
    """Return the hint and the errors, where there are any."""
    said: dict[str, Any] = {}
    if bound.help_text:
        said["hint"] = {"text": bound.help_text}
    if bound.errors:
        said["errorMessage"] = {"text": " ".join(str(words) for words in bound.errors)}
    return said


def _attributes(bound: BoundField) -> dict[str, Any]:
    attributes = bound.field.widget.attrs
    dropped = (*_OWN, "placeholder", "type", "rows", "cols", "maxlength", "multiple")
    return {
        name: {"value": value, "optional": True}
        for name, value in attributes.items()
        if name not in dropped and value is not None
    }


def _own(bound: BoundField) -> dict[str, Any]:
    attributes = bound.field.widget.attrs
    return {name: attributes[name] for name in _OWN if attributes.get(name)}


def _value(bound: BoundField) -> str:
    value = bound.value()
    return "" if value is None else str(value)


def _input(bound: BoundField, look: Look, kind: str) -> Markup:
    options = _common(bound, look) | _own(bound)
    # a code that was used is of no use again
    once = bound.field.widget.attrs.get("autocomplete") == "one-time-code"
    kind = str(bound.field.widget.attrs.get("type", kind))
    options |= {"type": kind, "value": "" if once else _value(bound), "width": look.width}
    if look.prefix:
        options["prefix"] = look.prefix
    if look.suffix:
        options["suffix"] = look.suffix
    if kind in ("email", "text") and once:
        options["code"] = True
    return component("input", **options)


def _password(bound: BoundField, look: Look) -> Markup:
    options = _common(bound, look) | _own(bound)
    # "none" is what the component sets itself
    options.pop("autocapitalize", None)
    return component("password-input", **options, width=look.width)


def _textarea(bound: BoundField, look: Look) -> Markup:
    rows = bound.field.widget.attrs.get("rows", 5)
    return component("textarea", **_common(bound, look), value=_value(bound), rows=rows)


def _file(bound: BoundField, look: Look) -> Markup:
    several = getattr(bound.field, "several", False)
    options = _common(bound, look)
    if several:
        options["chooseFilesButtonText"] = text("forms.choose_files")
        options["dropInstructionText"] = text("forms.drop_files")
    return component("file-upload", **options, multiple=several)


def _select(bound: BoundField, look: Look) -> Markup:
    chosen = _value(bound)
    items = [
        {"value": str(value), "text": str(words), "selected": str(value) == chosen}
        for value, words in bound.field.choices  # pyright: ignore[reportAttributeAccessIssue]
    ]
    return component("select", **_common(bound, look), items=items)


def _choices(bound: BoundField, look: Look, name: str) -> Markup:
    value = bound.value()
    chosen = {str(v) for v in value} if isinstance(value, list | tuple | set) else {str(value)}
    items: list[dict[str, Any]] = []
    for key, words in bound.field.choices:  # pyright: ignore[reportAttributeAccessIssue]
        item: dict[str, Any] = {
            "value": str(key),
            "text": str(words),
            "checked": str(key) in chosen,
        }
        if str(key) in look.hints:
            item["hint"] = {"text": look.hints[str(key)]}
        items.append(item)
    options = {
        "idPrefix": bound.auto_id,
        "name": bound.html_name,
        "fieldset": {"legend": _legend(bound, look)},
        "items": items,
        "small": look.small,
        **_said(bound),
    }
    if look.inline:
        options["classes"] = f"nhsuk-{name}--inline"
    return component(name, **options)


def _legend(bound: BoundField, look: Look) -> dict[str, Any]:
    return {"text": bound.label, "size": look.label_size, "isPageHeading": look.heading}


def _tick(bound: BoundField, look: Look) -> Markup:
    item: dict[str, Any] = {
        "value": "on",
        "text": bound.label,
        "checked": bool(bound.value()),
    }
    said = _said(bound)
    if "hint" in said:
        item["hint"] = said.pop("hint")
    return component(
        "checkboxes",
        idPrefix=bound.auto_id,
        name=bound.html_name,
        items=[item],
        small=look.small,
        **said,
    )


def _date(bound: BoundField, look: Look) -> Markup:
    values = cast(DateBoxes, bound.field.widget).parts(bound.value())
    wrong = _wrong_box(bound)
    widths = {"day": 2, "month": 2, "year": 4}
    items = [
        {
            "name": f"{bound.html_name}-{box}",
            "id": f"{bound.auto_id}-{box}",
            "label": {"text": text(f"forms.box_{box}")},
            "width": widths[box],
            "value": value,
            # all three are marked unless one alone is wrong
            **({"error": box == wrong} if wrong else {}),
        }
        for box, value in zip(DateBoxes.boxes, values, strict=True)
    ]
    return component(
        "date-input",
        id=bound.auto_id,
        fieldset={"legend": _legend(bound, look)},
        items=items,
        **_said(bound),
    )


def hidden(name: str, value: object) -> Markup:
    """Return a hidden input, for the few values that a form carries along."""
    return Markup(format_html('<input type="hidden" name="{}" value="{}">', name, value))  # noqa: S704
