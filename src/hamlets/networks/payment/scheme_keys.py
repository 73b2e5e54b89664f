"""A scheme made from the keys of its file: each is read, and refused with what to mend."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any, cast, get_args

from hamlets.errors import SourceError
from hamlets.networks.payment import key_values as read
from hamlets.networks.payment.curves import Curve, Line
from hamlets.networks.payment.key_values import Keys, WrongValueError
from hamlets.networks.payment.scheme import Condition, Scheme
from hamlets.networks.payment.scheme_checks import check_whole
from hamlets.networks.results.payment import AverageRule, Shape, SplitMethod

_MOST_CONDITIONS = 200


def make_scheme(data: Keys, where: str) -> Scheme:
    """Return the scheme of these keys; SourceError names the key that is wrong.

    A scheme without a name of its own is called after its file.
    """
    named = {"scheme": data.get("id", where.rpartition(".")[0] or where)}
    data = {**named, "title": named["scheme"], **{k: v for k, v in data.items() if k != "id"}}
    _check_keys(data, (*_READERS, "conditions"), "The scheme", where)
    taken: dict[str, Any] = {}
    for key, (name, reader) in _READERS.items():
        if key in data:
            taken[name] = _value(reader, data[key], key, "the scheme", where)
    _check_needed(taken, where)
    conditions = tuple(_conditions(data.get("conditions", ()), taken, where))
    defaults: dict[str, Any] = {
        "source": "not said",
        "authored_by": "not said",
        "checked_by": "not yet",
    }
    scheme = Scheme(**(defaults | taken), conditions=conditions)
    check_whole(scheme, where)
    return scheme


def _check_needed(taken: Mapping[str, Any], where: str) -> None:
    if "shape" not in taken:
        raise _wrong(
            "The scheme has no shape.",
            where,
            f'Add shape = "...", one of: {", ".join(get_args(Shape))}.',
        )
    if "average" not in taken:
        raise _wrong(
            "The scheme does not say which average it pays on.",
            where,
            'Add average = "mean", "pooled" or "every_practice"; "own" pays each practice for'
            " its own. They can differ, so it must be said.",
        )


def _conditions(found: object, scheme: Mapping[str, Any], where: str) -> Iterator[Condition]:
    blocks = read.items(found)
    if (not blocks and found not in ((), [])) or len(blocks) > _MOST_CONDITIONS:
        raise _wrong(
            "The conditions are no list of tables.", where, "Write [[conditions]] above each."
        )
    sharing = sum(isinstance(b, dict) and "share_percent" in b for b in blocks)
    if sharing not in (0, len(blocks)):
        raise _wrong(
            "Only some of the conditions have a share_percent.", where, "Give it to all or none."
        )
    for number, block in enumerate(blocks, 1):
        yield _condition(block, number, len(blocks), scheme, where)


def _condition(
    block: object, number: int, count: int, scheme: Mapping[str, Any], where: str
) -> Condition:
    of = f"Condition {number}"
    if not isinstance(block, dict):
        raise _wrong(f"{of} is no table.", where, "Write [[conditions]] above its keys.")
    keys = cast(Keys, block)
    _check_keys(keys, ("declaration", *_CONDITION), of, where)
    got = {k: _value(_CONDITION[k], v, k, of, where) for k, v in keys.items() if k in _CONDITION}
    named = "declaration" if scheme["shape"] == "declaration" else "indicator"
    if named not in keys:
        raise _wrong(f"{of} names no {named}.", where, f'Add a line: {named} = "..."')
    indicator = str(_value(read.name, keys[named], named, of, where))
    of = f"The condition on {indicator}"
    if named == "declaration":
        got.setdefault("target", Fraction(100))
    points = cast("Fraction | None", got.get("points"))
    if scheme["shape"] == "points" and points is None:
        raise _wrong(f"{of} says no points.", where, "Add a line: points = ...")
    return Condition(
        indicator,
        str(got.get("title") or indicator.replace("_", " ").capitalize()),
        _curve(got, points, of, where),
        points,
        cast(Fraction, got.get("share_percent", Fraction(100, count))) / 100,
        cast("Fraction | None", got.get("national_prevalence_percent")),
    )


def _curve(got: Mapping[str, object], points: Fraction | None, of: str, where: str) -> Curve:
    target, lower, upper = (cast("Fraction | None", got.get(k)) for k in _THRESHOLDS)
    lower_is_better = got.get("direction") == "lower"
    if (target is None) == (lower is None and upper is None):
        raise _wrong(
            f"{of} needs either a target or a lower and an upper threshold.",
            where,
            "target = 90 is a step; lower = 80 and upper = 90 are a line between them.",
        )
    if target is not None:
        line = Line(target, target)
    elif lower is None or upper is None:
        raise _wrong(f"{of} has one of two thresholds.", where, "Give both lower and upper.")
    elif lower >= upper:
        raise _wrong(
            f"{of} has thresholds that overlap: lower is {float(lower):g} and upper"
            f" {float(upper):g}.",
            where,
            "The lower threshold must be below the upper one.",
        )
    else:
        ends = (upper, lower) if lower_is_better else (lower, upper)
        line = Line(*ends, _at_lower(got, points, of, where))
    rise = _rise(got.get("improvement"), of, where)
    return Curve(line, rise, "lower" if lower_is_better else "higher")


def _at_lower(got: Mapping[str, object], points: Fraction | None, of: str, where: str) -> Fraction:
    here = cast("Fraction | None", got.get("at_lower_points"))
    if here is None:
        return Fraction()
    if not points or here > points:
        raise _wrong(
            f"{of} gives more points at the lower threshold than there are.",
            where,
            "points is the whole, at_lower_points the part that is earned at lower.",
        )
    return here / points


def _rise(found: object, of: str, where: str) -> Line | None:
    if found is None:
        return None
    if not isinstance(found, dict) or set(found) != {"lower", "upper"}:
        raise _wrong(
            f"{of}: improvement needs a lower and an upper rise in percentage points.",
            where,
            "Write improvement = { lower = 0, upper = 5 }",
        )
    ends = cast(Keys, found)
    lower, upper = (
        cast(Fraction, _value(read.percent, ends[k], f"improvement.{k}", of, where))
        for k in ("lower", "upper")
    )
    if lower >= upper:
        raise _wrong(
            f"{of} has thresholds of improvement that overlap.", where, "Put lower below upper."
        )
    return Line(lower, upper)


def _value(
    reader: Callable[[object], object], value: object, key: str, of: str, where: str
) -> object:
    try:
        return reader(value)
    except WrongValueError as error:
        place = of[0].lower() + of[1:]
        raise _wrong(f"The value of {key} in {place} is not right.", where, str(error)) from None


def _check_keys(keys: Keys, known: Sequence[str], of: str, where: str) -> None:
    for key in keys:
        if key not in known:
            raise _wrong(
                f'{of} has a key "{str(key)[:40]}" that there is none of.',
                where,
                f"The keys are: {', '.join(known)}.",
            )


def _wrong(message: str, where: str, hint: str) -> SourceError:
    return SourceError(message, where=where, hint=hint)


_THRESHOLDS = ("target", "lower", "upper")
_READERS: dict[str, tuple[str, Callable[[object], object]]] = {
    "scheme": ("scheme_id", read.text),
    "title": ("title", read.text),
    "year": ("year", read.text),
    "shape": ("shape", partial(read.one_of, get_args(Shape))),
    "average": ("average", partial(read.one_of, get_args(AverageRule))),
    "starts": ("starts", read.day),
    "ends": ("ends", read.day),
    "value": ("value", read.above_zero),
    "value_per_patient": ("value_per_patient", read.above_zero),
    "retained_percent": ("retained", read.part),
    "retained_share": ("retained", read.share),
    "loses": ("all_or_nothing", read.loses),
    "value_per_point": ("value_per_point", read.above_zero),
    "national_list": ("national_list", read.above_zero),
    "round_points": ("round_points", read.yes_or_no),
    "round_point_value": ("round_point_value", read.yes_or_no),
    "roles": ("roles", read.roles),
    "cap_per_patient": ("cap_per_patient", read.above_zero),
    "cap": ("cap", read.above_zero),
    "backfill": ("backfill", read.backfill),
    "split": ("split", partial(read.one_of, get_args(SplitMethod))),
    "networks": ("networks", read.count),
    "source": ("source", read.text),
    "authored_by": ("authored_by", read.text),
    "checked_by": ("checked_by", read.text),
    "date_next_review": ("next_review", read.day),
    "notes": ("notes", read.texts),
    "verify": ("to_verify", read.texts),
}
"""Key of a file -> field of a scheme, and how its value is read."""
_CONDITION: dict[str, Callable[[object], object]] = {
    "indicator": read.name,
    "title": read.text,
    "target": read.percent,
    "lower": read.percent,
    "upper": read.percent,
    "at_lower_points": read.amount,
    "points": read.above_zero,
    "share_percent": read.percent,
    "direction": partial(read.one_of, ("higher", "lower")),
    "national_prevalence_percent": read.percent,
    "improvement": lambda value: value,
}
