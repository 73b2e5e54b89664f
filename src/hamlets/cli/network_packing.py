"""``hamlets networks pack``: one month of a network, to be looked at together."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hamlets.cli.network_indicators import DefinitionOption
from hamlets.cli.options import StoreOption, store_path
from hamlets.cli.pack_options import (
    ActionsOption,
    EmailOption,
    InventedOption,
    NeedOption,
    SpareOption,
    ThanksOption,
)
from hamlets.errors import UsageError

if TYPE_CHECKING:
    from hamlets.networks.packing import Contract
    from hamlets.networks.results import Sharing
    from hamlets.networks.sharing import Asked
    from hamlets.records import Store


def pack_command(
    network: Annotated[
        str, typer.Option(metavar="N", help="The network the pack is about (its code).")
    ],
    month: Annotated[str, typer.Option(metavar="MONTH", help="The month, as 2026-03.")],
    store: StoreOption = None,
    output: Annotated[
        Path, typer.Option(metavar="FILE.html", help="The page (default: network-pack.html).")
    ] = Path("network-pack.html"),
    scheme: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="The contract: a scheme's file, or the name of a preset."
        ),
    ] = None,
    counts: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Counts of its standards, instead of the store's."),
    ] = None,
    definition: DefinitionOption = None,
    need: NeedOption = None,
    spare: SpareOption = None,
    actions: ActionsOption = None,
    thanks: ThanksOption = "",
    email: EmailOption = None,
    link: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Where people find the page, for the e-mail (default: its name).",
        ),
    ] = None,
    invented: InventedOption = False,
) -> None:
    """Write the monthly pack of a network: two sides of A4, the same for everyone.

    Its standards with the three averages, what is paid if a contract is named, offers and asks
    of staff time, seeing someone who knows them, open actions. No practice has a figure on it,
    and nothing is in order of a result.

    \b
    Examples:
      hamlets networks pack --network EX-N02 --month 2026-03
      hamlets networks pack --network EX-N02 --month 2026-03 --scheme network-2 \\
          --need need.csv --spare spare.csv --actions waiting.csv --email mail.txt
    """
    from hamlets.cli.exports import check_place, replace_file
    from hamlets.cli.packing import check_thanks, read_actions, read_month
    from hamlets.cli.terminal import plain, progress, say_if_first_run
    from hamlets.records import open_store

    first = read_month(month)
    if email is not None and email.resolve() == output.resolve():
        raise UsageError("Two results would go into one file.", hint="Give each its own name.")
    for path in (output, *([email] if email is not None else [])):
        check_place(path)
    check_thanks(thanks)
    if counts is not None and scheme is None:
        raise UsageError(
            "Counts are of a contract's standards.", where="--counts", hint="Add --scheme."
        )
    waiting = read_actions(actions) if actions is not None else None
    asked = _asked(need, spare)
    with open_store(store_path(store)) as opened:
        say_if_first_run()
        with progress(None, quiet=not sys.stderr.isatty(), unit="") as bar:
            from hamlets.networks.indicators import chosen, definitions
            from hamlets.networks.packing import network_pack
            from hamlets.publish.network_pack import render_network_pack
            from hamlets.publish.network_pack_words import check_line, email_text

            pack = network_pack(
                opened,
                network,
                first,
                contract=_contract(opened, scheme, counts, network, first),
                indicators=chosen(definitions(definition or ()), []),
                asked=asked,
                sharing=None if asked is None else _shared(asked, opened),
                actions=waiting,
                thanks=thanks,
                invented=invented,
                progress=bar.stage,
            )
    replace_file(output, render_network_pack(pack).encode())
    print(f"Wrote the pack to {output}")
    if email is not None:
        replace_file(email, email_text(pack, link or output.name).encode())
        print(f"Wrote the e-mail to {email}")
    print(plain(check_line(pack)))


def _asked(need: Path | None, spare: Path | None) -> Asked | None:
    if need is None and spare is None:
        return None
    if need is None or spare is None:
        other = "--spare" if spare is None else "--need"
        raise UsageError("Offers and asks go together.", where=other, hint=f"Add {other} FILE.csv.")
    from hamlets.networks.sharing import read_asked

    return read_asked(need, spare)


def _shared(asked: Asked, store: Store) -> Sharing:
    """Return how offers could meet asks, with travel between the store's practices."""
    from hamlets.networks.sharing import no_travel, share, travel_by
    from hamlets.networks.sharing.from_store import places

    known = list(places(store))
    named = {each.practice_id for each in (*asked.needs, *asked.offers)}
    placed = named <= {each.practice_id for each in known}
    return share(asked, travel_by(known, {}) if placed else no_travel)


def _contract(
    store: Store, scheme: str | None, counts: Path | None, network: str, month: date
) -> Contract | None:
    if scheme is None:
        return None
    from hamlets.networks.membership import month_end
    from hamlets.networks.packing import Contract
    from hamlets.networks.payment import counts_of_store, read_counts, read_scheme

    read, last = read_scheme(scheme), month_end(month)
    if counts is not None:
        return Contract(read, read_counts(counts, None, last))
    return Contract(read, counts_of_store(store, read, day=last, network=network, with_pace=True))
