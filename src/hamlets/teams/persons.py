"""The id by which somebody is known here, from any id that a staff list has for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from hamlets.continuity.reference import build_reference
from hamlets.errors import UsageError
from hamlets.records import Store
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel


def find_label(store: Store, staff_id: str) -> str:
    """Return the id that measures show somebody by; an unknown one as it is."""
    return _finder(store)(staff_id)


def find_labels(store: Store, staff_ids: Iterable[str]) -> dict[str, str]:
    """Return the ids that measures show these people by, by each id of theirs."""
    find = _finder(store)
    return {staff_id: find(staff_id) for staff_id in staff_ids}


def with_labels(store: Store, model: TeamModel, inputs: PracticeInputs) -> TeamModel:
    """Return the model with everybody by the id that measures show; UsageError for one twice.

    A person may have several role records, and a staff list shows the ids of these. Who does
    not work at the practice is left as written, for `check_model` to say so.
    """
    find = _finder(store)
    here = set(inputs.clinicians.staff_id)

    def label(name: str) -> str:
        found = find(name)
        return found if found in here else name

    def group(key: str, names: tuple[str, ...]) -> tuple[str, ...]:
        found = tuple(map(label, names))
        if len(set(found)) < len(set(names)):
            raise UsageError(
                f"Two of the ids in {key} of the team model are of one person.",
                where=key,
                hint=f"They are among: {', '.join(names)}.",
            )
        return found

    def groups(key: str, all_names: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
        return tuple(group(key, names) for names in all_names)

    def everybody(names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if names is None else tuple(dict.fromkeys(map(label, names)))

    return replace(
        model,
        must_link=groups("must_link", model.must_link),
        cannot_link=groups("cannot_link", model.cannot_link),
        leads=everybody(model.leads),
        taking_part=everybody(model.taking_part),
    )


def _finder(store: Store) -> Callable[[str], str]:
    labels = {label: code for code, label in enumerate(store.labels("staff"))}
    reference = build_reference(store)

    def find(staff_id: str) -> str:
        code = labels.get(staff_id)
        if code is None:
            return staff_id
        return reference.person_labels[int(reference.person_of_staff[code])]

    return find
