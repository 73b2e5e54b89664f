"""The sentences that reception can say, in the practice's own words where it changed them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from string import Formatter

from hamlets.web.audit import chain
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing
from hamlets.web.reception.models import Wording
from hamlets.web.words import catalogue, text

FIELDS: dict[str, tuple[str, ...]] = {
    "own_slot": ("gp", "when"),
    "own_in": ("gp", "when"),
    "own_slot_new": ("gp", "when"),
    "own_in_new": ("gp", "when"),
    "briefly": ("gp", "when", "buddy"),
    "briefly_alone": ("gp", "when"),
    "longer": ("gp", "when", "buddy"),
    "longer_open": ("gp", "buddy"),
    "left": ("gp", "buddy"),
    "no_gp": ("other",),
    "no_gp_alone": (),
    "not_known": ("gp",),
    "urgent": (),
    "sooner_slot": ("when", "other"),
    "sooner": ("when", "other"),
    "someone_else": ("other",),
    "who": ("gp", "team"),
    "who_alone": ("gp",),
}
"""Every sentence, in the order of the page, with the names that may stand in it in braces."""
ON_CARD = frozenset({"own_slot", "briefly", "longer", "left", "no_gp_alone", "urgent",
                     "sooner_slot", "someone_else", "who"})  # fmt: skip
LONGEST = 300


class WordsRefusedError(ValueError):
    """These words cannot be kept; the message says why, for people."""


@dataclass(frozen=True)
class Sentence:
    """One sentence as the practice has it."""

    key: str
    when: str
    """When it is said."""
    words: str
    fields: tuple[str, ...]
    ours: str
    """As it is where nobody changed it."""
    changed_by: str = ""
    changed: datetime | None = None

    @property
    def on_card(self) -> bool:
        """Whether it stands on the page of A5 for the desk, which has room for the usual ones."""
        return self.key in ON_CARD

    @property
    def shown(self) -> str:
        """The words with what will stand in them, for people: "[own GP] is back [day]"."""
        names = {name: f"[{text(f'reception.field.{name}')}]" for name in self.fields}
        return self.words.format_map(names)


def sentences(here: Standing) -> tuple[Sentence, ...]:
    """Return every sentence of this practice, in order."""
    latest: dict[str, Wording] = {}
    rows = Wording.objects.filter(place=here.place).select_related("changed_by")
    for row in rows.order_by("changed", "pk"):
        latest[row.key] = row
    return tuple(_sentence(key, latest.get(key)) for key in FIELDS)


def sentence(here: Standing, key: str) -> Sentence | None:
    """Return one sentence of this practice; None for a key that there is not."""
    return next((one for one in sentences(here) if one.key == key), None)


def change(here: Standing, key: str, words: str) -> None:
    """Keep the practice's own words for a sentence; none for ours again.

    WordsRefusedError says why they cannot be kept. Nothing is kept that changes nothing.
    """
    now = sentence(here, key)
    if now is None or not here.may(May.change_words):
        raise PermissionError(key)
    words = " ".join(words.split())
    if words == now.ours:
        words = ""
    refuse(words, FIELDS[key])
    if (words or now.ours) == now.words:
        return
    Wording.objects.create(place=here.place, key=key, words=words, changed_by=here.person)
    chain.note(here, "words for reception changed", key)


def refuse(words: str, fields: tuple[str, ...]) -> None:
    """Raise WordsRefusedError for words that are too long or name what is not known."""
    if len(words) > LONGEST:
        raise WordsRefusedError(text("reception.too_long", n=LONGEST))
    try:
        parts = list(Formatter().parse(words))
    except ValueError:
        raise WordsRefusedError(text("reception.braces")) from None
    for _, name, form, conversion in parts:
        if name is None:
            continue
        if name not in fields or form or conversion:
            allowed = ", ".join(f"{{{field}}}" for field in fields)
            key = "reception.names" if fields else "reception.no_names"
            raise WordsRefusedError(text(key, allowed=allowed))


def said(sentences_here: Mapping[str, str], key: str, **values: str) -> str:
    """Return a sentence with its names filled in."""
    return sentences_here[key].format_map(values)


def _sentence(key: str, row: Wording | None) -> Sentence:
    ours = catalogue()[f"reception.say.{key}"]  # with its braces: names are filled in later
    return Sentence(
        key=key,
        when=text(f"reception.when.{key}"),
        words=(row.words if row else "") or ours,
        fields=FIELDS[key],
        ours=ours,
        changed_by=row.changed_by.name if row and row.changed_by else "",
        changed=row.changed if row else None,
    )
