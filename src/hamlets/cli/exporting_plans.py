"""``hamlets teams export``: what a practice does with a plan, as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hamlets.cli.options import StoreOption, store_path
from hamlets.cli.plan_showing import PlanArgument
from hamlets.errors import UsageError
from hamlets.publish.plan_parts import Part

if TYPE_CHECKING:
    from hamlets.publish.plan_files import Exported


def export_command(
    plan: PlanArgument,
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Where the files go.")],
    store: StoreOption = None,
    only: Annotated[
        list[Part] | None,
        typer.Option(
            metavar="PART",
            help="named-gps, lists, letters, patients, reception or teams; may be said again.",
        ),
    ] = None,
) -> None:
    """Write what a practice needs to begin with a plan.

    \b
    named-gps   the patients whose named GP changes or is the first, for the clinical system
    lists       every patient's named GP and team
    letters     who must be told, and by when (21 days, SI 2015/196); the letter
    patients    leaflet, web text, text messages, phone script and Easy Read
    reception   a card of words for each team
    teams       a page for each team: names, days and room for photos

    Words follow the approach: where patients have a GP and no team, cards and pages are of
    GPs. Patients who have left or died since the plan was made are left out. The lists hold
    patients: only their owner may read them. Nothing in the store changes.

    \b
    letters.csv, one row a patient:
      letter, people   its number, and how many live together and have the same news
      patient_id, old_named_gp, new_named_gp, new_gp_days, team, team_gps
      change           changed, gp_gone or first;  words: of the letter;  reason: for staff
      from_date, tell_by
    """
    from hamlets.cli.exports import replace_file
    from hamlets.publish.plan_files import Source, plan_files
    from hamlets.records import open_store
    from hamlets.teams.plans.patients_now import read_patients_now
    from hamlets.teams.plans.people import staff_names
    from hamlets.teams.plans.storing import read_plan

    folder = store_path(store)
    stored = read_plan(folder, plan)
    with open_store(folder) as opened:
        now = read_patients_now(opened, stored)
        names = staff_names(opened)
        source = Source(stored, now, names, opened.invented, opened.identifiable)
    files, said = plan_files(source, set(only or Part))
    _make_folder(to, files)
    for file in files:
        replace_file(to / file.path, file.content, private=file.private)
    for line in said:
        print(line)
    print(f"Wrote {len(files)} files to {to}. Begin with readme.txt.")


def _make_folder(to: Path, files: list[Exported]) -> None:
    try:
        for folder in sorted({(to / file.path).parent for file in files}):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"This folder cannot be made: {(error.strerror or 'the system refused').lower()}.",
            where=str(to),
            hint="Choose another place with --to.",
        ) from error
