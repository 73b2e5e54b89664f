"""Formed networks in a terminal: what ``hamlets networks form`` prints for people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hamlets.cli.columns import Column
    from hamlets.networks.results.forming import Balance, Formation, FormedNetwork


def print_formation(found: Formation) -> None:
    """Print networks, the proof, the comparison with the present ones, and what to know."""
    from hamlets.cli.columns import print_columns
    from hamlets.cli.terminal import print_lines

    print_lines([title(found), proof(found)])
    print()
    print_columns(_networks(found))
    if found.comparison.present is not None:
        print()
        _print_comparison(found)
    if found.suggestions:
        print()
        _print_suggestions(found)
    if found.notes:
        print_lines(["", "Notes", *found.notes])


def title(found: Formation) -> str:
    """Return what was formed, in a sentence."""
    low, high = math.ceil(found.band[0] - 1e-6), math.floor(found.band[1] + 1e-6)
    return (
        f"{len(found.practices):,} practices with {found.population:,} patients in "
        f"{len(found.networks)} networks of {low:,} to {high:,} patients."
    )


def proof(found: Formation) -> str:
    """Return how good the networks are, in a sentence: a promise is rounded against ourselves."""
    what = "have less travel" if found.objective == "travel" else "keep more patient flow"
    took = f"{found.seconds:,.1f} seconds"
    if found.proven:
        return f"Proven: no networks under these rules {what}. It took {took}."
    most = math.ceil(found.gap * 1000 - 1e-9) / 10
    return (
        f"No networks under these rules can be better by more than {most:.1f} per cent. "
        f"It took {took}."
    )


def _networks(found: Formation) -> list[Column]:
    from hamlets.cli.columns import Column

    rows = found.networks
    columns = [
        Column("network", [_called(each) for each in rows], "name"),
        Column("practices", [str(len(each.practices)) for each in rows]),
        Column("patients", [f"{each.population:,}" for each in rows]),
        Column("off mean", [_off(each, found) for each in rows], leaves=4),
        Column("km each", [f"{each.travel_km / each.population:.2f}" for each in rows]),
        Column("widest km", [f"{each.widest_km:.1f}" for each in rows], leaves=3),
    ]
    if any(each.flow is not None for each in rows):
        columns.append(Column("flow kept", [f"{each.flow or 0:,.0f}" for each in rows], leaves=2))
    columns.append(Column("who", [", ".join(each.practices) for each in rows], "words"))
    return columns


def _called(network: FormedNetwork) -> str:
    return network.network_id


def _off(network: FormedNetwork, found: Formation) -> str:
    mean = found.population / len(found.networks)
    return f"{100 * (network.population / mean - 1):+.0f} %"


def _print_comparison(found: Formation) -> None:
    from hamlets.cli.columns import Column, print_columns
    from hamlets.cli.terminal import print_lines

    beside = found.comparison
    present, formed = beside.present, beside.formed
    if present is None or formed is None:
        return
    print_lines([f"Beside the present networks of {beside.practices:,} practices"])
    labels = ["networks", "smallest", "largest", "furthest off the mean", "travel, km a patient"]
    if present.flow is not None:
        labels.append("patient flow kept")
    print_columns(
        [
            Column("", labels, "name"),
            Column("now", _balance(present)),
            Column("these", _balance(formed)),
        ]
    )
    agreement = "-" if beside.adjusted_rand is None else f"{beside.adjusted_rand:.3f}"
    print_lines(
        [
            f"{beside.staying:,} of {beside.practices:,} practices would stay with their "
            f"neighbours. Adjusted Rand index {agreement} (1 = the same, 0 = as by chance)."
        ]
    )


def _balance(of: Balance) -> list[str]:
    cells = [
        str(of.networks),
        f"{of.smallest:,}",
        f"{of.largest:,}",
        f"{100 * of.furthest_off:.0f} %",
        f"{of.km_per_patient:.3f}",
    ]
    return cells if of.flow is None else [*cells, f"{of.flow:,.0f}"]


def _print_suggestions(found: Formation) -> None:
    from hamlets.cli.columns import Column, print_columns
    from hamlets.cli.terminal import print_lines

    rows = found.suggestions
    print_lines(["What one change would cost: two made one, or one made two"])
    print_columns(
        [
            Column("change", [_change(each.kind, each.networks) for each in rows], "name"),
            Column("patients", [" + ".join(f"{n:,}" for n in each.populations) for each in rows]),
            Column("travel", [_travel(each.travel_change_km, found) for each in rows]),
            Column(
                "within the band", ["yes" if each.keeps_band else "no" for each in rows], "name"
            ),
        ]
    )
    print_lines(["travel: km more (+) or fewer (-), a mean over all patients."])


def _change(kind: str, networks: tuple[str, ...]) -> str:
    return f"{' + '.join(networks)} {'made one' if kind == 'merge' else 'made two'}"


def _travel(change: float, found: Formation) -> str:
    return f"{change / found.population:+.3f}"
