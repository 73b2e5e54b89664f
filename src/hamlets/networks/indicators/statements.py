"""What the SQL of an indicator may say: one SELECT, over tables that it is given.

The database's own parser reads it, and the tree is walked: nothing is looked for in the text.
This gives people a sentence in time; that nothing else can be reached is the sandbox's work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from hamlets.networks.indicators.definition import Fault

EVERY_COLUMN = "*"
PARAMETERS = ("period_start", "period_end", "window_start")
"""Days that SQL may name with a $ before: of the period, and the first that counts."""
_TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest"})
_CLOCK = frozenset(
    {"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"}
)
"""Written as columns, and told by the clock."""
_SPECIAL = frozenset({"unnest", "row", "struct_pack", "list_value", "map", "coalesce", "ifnull"})
"""Written as functions, and part of the language."""


@dataclass(frozen=True)
class Read:
    """A text that may run: its SELECT as the parser wrote it again, and what it names."""

    sql: str
    tables: frozenset[str]
    parameters: frozenset[str]
    words: frozenset[str] = frozenset()
    """Texts between quotation marks, such as names of code lists."""
    columns: frozenset[str] = frozenset()
    """Columns by name; EVERY_COLUMN where a * or a natural join may mean any."""


def read_statement(
    parsed: dict[str, Any],
    text: str,
    allowed: frozenset[str],
    functions: frozenset[str],
) -> Read | list[Fault]:
    """Return what a parsed text is, or all that is wrong with it; lines are those of the text.

    ``parsed`` is the answer of :meth:`Sandbox.parse`. ``allowed`` are the tables it may name,
    ``functions`` those whose answer depends on nothing but what they are given.
    """
    tree: dict[str, Any] = parsed["tree"]
    if tree.get("error"):
        return [_not_read(tree, text)]
    statements: list[Any] = tree["statements"]
    if len(statements) != 1:
        there = "there is nothing" if not statements else f"these are {len(statements)} statements"
        return [Fault(f"This must be one SELECT, and {there}.", 1)]
    nodes = list(_nodes(statements[0]))
    own = {name.lower() for node in nodes for name in _named_here(node)}
    as_tables = {id(node["function"]) for node in nodes if node.get("type") == "TABLE_FUNCTION"}
    faults: list[Fault] = []
    tables: set[str] = set()
    parameters: set[str] = set()
    words: set[str] = set()
    columns: set[str] = set()
    for node in nodes:
        kind = node.get("type")
        line = _line_of(node, text)
        if kind == "BASE_TABLE":
            name = str(node["table_name"]).lower()
            qualified = node.get("schema_name") or node.get("catalog_name")
            if qualified or (name not in allowed and name not in own):
                full = ".".join(node.get("qualified_name", {}).get("path", [name]))
                known = ", ".join(sorted(allowed))
                faults.append(
                    Fault(
                        f"The table `{full}` is not open to indicators. There are: {known}.", line
                    )
                )
            elif name not in own:
                tables.add(name)
        elif kind == "TABLE_FUNCTION":
            called = str(node["function"]["function_name"]).lower()
            if called not in _TABLE_FUNCTIONS:
                faults.append(Fault(f"`{called}(...)` is not open to indicators as a table.", line))
        elif kind == "STAR" or node.get("ref_type") == "NATURAL":
            columns.add(EVERY_COLUMN)
        elif kind == "SHOW_REF":
            faults.append(Fault("This must be one SELECT over the record tables.", line))
        elif kind == "VALUE_PARAMETER":
            name = str(node["identifier"])
            parameters.add(name)
            if name not in PARAMETERS:
                known = ", ".join("$" + p for p in PARAMETERS)
                faults.append(Fault(f"There is no `${name}`. There are: {known}.", line))
        elif kind == "VALUE_CONSTANT":
            words.add(str(node.get("literal", {}).get("text")))
        elif kind == "COLUMN_REF":
            columns.update(str(part).lower() for part in node["column_names"])
            name = str(node["column_names"][-1]).lower()
            if name in _CLOCK:
                faults.append(_not_open(name, line))
        elif node.get("class") == "FUNCTION" and not node.get("is_operator"):
            if id(node) in as_tables:
                continue
            faults += _function_faults(node, line, functions)
        if node.get("sample"):
            faults.append(Fault("A sample would give other figures each time.", line))
    if faults:
        return list(dict.fromkeys(faults))
    return Read(
        str(parsed["sql"]),
        frozenset(tables),
        frozenset(parameters),
        frozenset(words),
        frozenset(columns),
    )


def _function_faults(
    node: dict[str, Any], line: int | None, functions: frozenset[str]
) -> list[Fault]:
    name = str(node["function_name"]).lower()
    if name in functions or name in _TABLE_FUNCTIONS | _SPECIAL:
        return []
    return [_not_open(name, line)]


def _not_open(name: str, line: int | None) -> Fault:
    return Fault(
        f"`{name}` is not open to indicators: it is unknown, or its answer depends on more than"
        " what it is given. The day that counts is $period_end.",
        line,
    )


def _not_read(tree: dict[str, Any], text: str) -> Fault:
    if tree.get("error_type") != "parser":
        return Fault("This must be one SELECT over the record tables.", 1)
    position = str(tree.get("position", ""))
    line = text.encode()[: int(position)].count(b"\n") + 1 if position.isdigit() else 1
    return Fault(f"This SQL cannot be read: {str(tree['error_message']).rstrip('.')}.", line)


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a tree; without recursion, since SQL may be nested deeply."""
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            found = cast("dict[str, Any]", node)
            yield found
            waiting.extend(found.values())
        elif isinstance(node, list):
            waiting.extend(cast("list[Any]", node))


def _named_here(node: dict[str, Any]) -> Iterator[str]:
    """Yield the names that WITH gives to parts of the statement."""
    cte_map = node.get("cte_map")
    if isinstance(cte_map, dict):
        for entry in cast("list[dict[str, Any]]", cte_map.get("map") or []):
            yield str(entry["key"])


def _line_of(node: dict[str, Any], text: str) -> int | None:
    position = node.get("query_location")
    if not isinstance(position, int) or not 0 <= position <= len(text):
        return None
    return text.encode()[:position].count(b"\n") + 1
