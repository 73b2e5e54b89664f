"""``hamlets teams``: what the rota would allow, and teams and lists designed for it."""

from __future__ import annotations

import typer

from hamlets.cli.adopting import adopt_command, propose_command, withdraw_command
from hamlets.cli.ceilings import ceiling_command
from hamlets.cli.designing import design_command
from hamlets.cli.exporting_plans import export_command
from hamlets.cli.options import show_help
from hamlets.cli.plan_showing import list_command, show_command
from hamlets.cli.reallocating import reallocate_command
from hamlets.cli.worklists import leaving_command, worklist_command

app = typer.Typer(
    help="Teams: what the rota would allow, and teams and lists designed for it.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@app.callback()
def start(context: typer.Context) -> None:
    """Teams: what the rota would allow, and teams and lists designed for it."""
    show_help(context)


app.command("ceiling", short_help="The most continuity that the rota would have allowed.")(
    ceiling_command
)
app.command("design", short_help="Teams and lists for a practice, with proof, as a draft plan.")(
    design_command
)
app.command("reallocate", short_help="Lists re-made when a GP leaves, joins or is away.")(
    reallocate_command
)
app.command("leaving", short_help="Patients about to lose their GP, the most urgent first.")(
    leaving_command
)
app.command("worklist", short_help="Patients of high need whom their own team sees little.")(
    worklist_command
)
app.command("list", short_help="The plans of a store, and how each stands.")(list_command)
app.command("show", short_help="A plan, beside today's teams, and how good it is.")(show_command)
app.command("propose", short_help="Put a plan to the GPs and the patient group.")(propose_command)
app.command("adopt", short_help="Follow a plan from a day on.")(adopt_command)
app.command("withdraw", short_help="Take a plan back before its first day.")(withdraw_command)
app.command("export", short_help="The lists, letters and pages of a plan, as files.")(
    export_command
)
