"""Formed networks as programs and maps read them: JSON and GeoJSON."""

from __future__ import annotations

from typing import Any

from hamlets.networks.results import Balance, Formation, FormedNetwork


def formation_json(formation: Formation) -> dict[str, Any]:
    """Return a run as the object that programs read: null where a value is not known."""
    return {
        "objective": formation.objective,
        "value": formation.value,
        "bound": formation.bound,
        "gap": formation.gap,
        "proven": formation.proven,
        "seconds": round(formation.seconds, 3),
        "tolerance": formation.tolerance,
        "band": {"low": formation.band[0], "high": formation.band[1]},
        "population": formation.population,
        "networks": [_network(each) for each in formation.networks],
        "practices": [vars(each) for each in formation.practices],
        "comparison": _comparison(formation),
        "suggestions": [vars(each) for each in formation.suggestions],
        "left_out": [
            {"practice_id": code, "reason": reason}
            for code, reason in sorted(formation.left_out.items())
        ],
        "notes": list(formation.notes),
    }


def _network(network: FormedNetwork) -> dict[str, Any]:
    return {
        "network_id": network.network_id,
        "name": network.name or None,
        "practices": list(network.practices),
        "population": network.population,
        "travel_km": network.travel_km,
        "middle": network.middle,
        "widest_km": network.widest_km,
        "flow": network.flow,
        "continues": network.continues,
    }


_BALANCE = ("networks", "smallest", "largest", "furthest_off", "travel_km", "flow")


def _comparison(formation: Formation) -> dict[str, Any]:
    """Return how the networks compare; the same keys, with null, where nothing is known."""
    found = formation.comparison

    def part(balance: Balance | None) -> dict[str, Any]:
        return {key: None if balance is None else getattr(balance, key) for key in _BALANCE}

    return {
        "adjusted_rand": found.adjusted_rand,
        "practices": found.practices if found.present is not None else None,
        "staying": found.staying,
        "present": part(found.present),
        "formed": part(found.formed),
    }


def formation_geojson(formation: Formation) -> dict[str, Any]:
    """Return networks as areas and practices as points, WGS84, longitude first (RFC 7946)."""
    from hamlets.publish.territories import territories

    numbers = {each.network_id: at for at, each in enumerate(formation.networks, 1)}
    areas = [
        {
            "type": "Feature",
            "geometry": {
                "type": "MultiPolygon",
                "coordinates": [
                    [[[round(x, 6), round(y, 6)] for x, y in (*cell, cell[0])]]
                    for cell in territory.cells
                ],
            },
            "properties": {"kind": "network", "number": numbers[each.network_id], **_network(each)},
        }
        for each, territory in zip(formation.networks, territories(formation), strict=True)
    ]
    points = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [each.longitude, each.latitude]},
            "properties": {
                "kind": "practice",
                "number": at,
                "practice_id": each.practice_id,
                "name": each.name or None,
                "list_size": each.list_size,
                "network_id": each.network_id,
                "present_id": each.present_id,
                "km_to_middle": each.km_to_middle,
            },
        }
        for at, each in enumerate(formation.practices, 1)
    ]
    return {
        "type": "FeatureCollection",
        "features": [*areas, *points],
        "hamlets": {
            "objective": formation.objective,
            "value": formation.value,
            "bound": formation.bound,
            "gap": formation.gap,
        },
    }
