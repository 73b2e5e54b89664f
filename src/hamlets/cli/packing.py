"""``hamlets pack``: one month of one practice, for all its staff."""

from __future__ import annotations

import csv
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hamlets.cli.options import StoreOption, store_path
from hamlets.cli.pack_options import ActionsOption, EmailOption, InventedOption, ThanksOption
from hamlets.errors import SourceError, UsageError

if TYPE_CHECKING:
    from hamlets.continuity.results import Action

MOST_ACTIONS = 10
MOST_THANKS = 400
_COLUMNS = ("action", "owner", "date")


def pack_command(
    practice: Annotated[
        str, typer.Option(metavar="CODE", help="The practice the pack is about (its code).")
    ],
    month: Annotated[str, typer.Option(metavar="MONTH", help="The month, as 2026-03.")],
    store: StoreOption = None,
    output: Annotated[
        Path, typer.Option(metavar="FILE.html", help="The page to write (default: pack.html).")
    ] = Path("pack.html"),
    email: EmailOption = None,
    link: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Where staff find the page, for the e-mail (default: its name)."
        ),
    ] = None,
    managers: Annotated[
        bool, typer.Option("--managers", help="Add the annex for managers. It names GPs.")
    ] = False,
    actions: ActionsOption = None,
    thanks: ThanksOption = "",
    patient_group: Annotated[
        Path | None,
        typer.Option(metavar="FILE.txt", help="Write a few rounded lines for the patient group."),
    ] = None,
    asked: Annotated[
        str, typer.Option(metavar="TEXT", help="For the patient group: what they asked.")
    ] = "",
    did: Annotated[
        str, typer.Option(metavar="TEXT", help="For the patient group: what you did.")
    ] = "",
    ceiling: Annotated[
        bool,
        typer.Option(
            "--ceiling/--no-ceiling",
            help="Work out what the rota would have allowed (the default), or leave it out.",
        ),
    ] = True,
    invented: InventedOption = False,
) -> None:
    """Write the monthly pack: two sides of A4, the same for all staff of a practice.

    Where named GPs are known it says how much the rota would have allowed. What changed in
    the month, plans of teams too, is listed, five at most.

    It names no GP and no patient, unless you type a name or ask for --managers;
    the last line printed says so. Look at the page once before you send it.

    \b
    Examples:
      hamlets pack --practice Y00001 --month 2026-03 --email mail.txt
      hamlets pack --practice Y00001 --month 2026-03 --actions waiting.csv --thanks "..."
    """
    from hamlets.cli.exports import check_place, replace_file
    from hamlets.cli.terminal import plain, progress, say_if_first_run
    from hamlets.records import open_store

    start = read_month(month)
    written = [path for path in (output, email, patient_group) if path is not None]
    if len({path.resolve() for path in written}) < len(written):
        raise UsageError("Two results would go into one file.", hint="Give each its own name.")
    for path in written:
        check_place(path)
    waiting = read_actions(actions) if actions is not None else None
    check_thanks(thanks)
    with open_store(store_path(store)) as opened:
        say_if_first_run()
        with progress("Measuring", quiet=not sys.stderr.isatty(), unit="") as bar:
            from hamlets.continuity.pack_results import month_spans, monthly_pack
            from hamlets.publish.pack import check_line, render_pack
            from hamlets.publish.pack_words import email_text, group_text
            from hamlets.records.store.maintenance import loaded_on
            from hamlets.teams.plans.happened import plan_events

            days = month_spans(opened, start).year
            pack = monthly_pack(
                opened,
                practice,
                start,
                loaded=loaded_on(opened),
                invented=invented,
                actions=waiting,
                thanks=thanks,
                managers=managers,
                plans=plan_events(opened, practice, days),
            )
            if ceiling:
                from hamlets.teams import with_ceiling

                bar.stage("Booking again")
                pack = replace(pack, report=with_ceiling(pack.report, opened, practice))
            bar.stage("Drawing the pack")
            page = render_pack(pack)
            mail = email_text(pack, link or output.name)
            group = group_text(pack, asked, did)
    replace_file(output, page.encode())
    print(f"Wrote the pack to {output}")
    for path, words, what in ((email, mail, "the e-mail"), (patient_group, group, "the lines")):
        if path is not None:
            replace_file(path, words.encode())
            print(f"Wrote {what} to {path}")
    print(plain(check_line(pack, page, mail)))


def read_month(text: str) -> date:
    """Return the first day of a month given as YYYY-MM; UsageError for anything else."""
    year, _, number = text.partition("-")
    if (
        len(year) == 4
        and len(number) == 2
        and (year + number).isascii()
        and ((year + number).isdigit() and int(year) > 0 and 1 <= int(number) <= 12)
    ):
        return date(int(year), int(number), 1)
    raise UsageError(f"{text!r} is not a month.", where="--month", hint="Write months as 2026-03.")


def check_thanks(text: str) -> None:
    """Raise UsageError for a thank-you that the pack has no room for."""
    if len(text) > MOST_THANKS:
        raise UsageError(
            f"The thank-you has more than {MOST_THANKS} characters, and the pack has two sides.",
            where="--thanks",
            hint="Make it shorter.",
        )


def read_actions(path: Path) -> tuple[Action, ...]:
    """Return the actions of a CSV with the columns action, owner and date (which may be blank)."""
    from hamlets.continuity.results import Action

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except OSError as error:
        reason = (error.strerror or "the system refused").lower()
        raise SourceError(f"This file cannot be read: {reason}.", where=str(path)) from error
    except (UnicodeDecodeError, csv.Error):
        raise SourceError(
            "This is not a CSV in UTF-8.",
            where=str(path),
            hint="Save it as CSV UTF-8 with the columns action,owner,date.",
        ) from None
    numbered = [
        (line, [cell.strip() for cell in row]) for line, row in enumerate(rows, 1) if any(row)
    ]
    head = [name.casefold() for name in numbered[0][1]] if numbered else []
    if not set(_COLUMNS) <= set(head):
        raise SourceError(
            "The columns action, owner and date are needed.",
            where=str(path),
            hint="The first line is: action,owner,date",
        )
    found: list[Action] = []
    for line, row in numbered[1:]:
        values = dict(zip(head, row, strict=False))
        what, owner = values.get("action", ""), values.get("owner", "")
        where = f"{path}, line {line}"
        if not what or not owner:
            raise SourceError("An action and its owner are needed.", where=where)
        found.append(Action(what, owner, _due(values.get("date", ""), where)))
    if len(found) > MOST_ACTIONS:
        raise UsageError(
            f"There are {len(found)} actions; the pack has room for {MOST_ACTIONS}.",
            where=str(path),
            hint="Keep those of this month.",
        )
    return tuple(found)


def _due(text: str, where: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SourceError(
            "This is not a day.", where=f"{where}, column date", hint="Write days as 2026-03-31."
        ) from None
