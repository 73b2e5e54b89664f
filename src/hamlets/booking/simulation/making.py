"""Making the world: the places and their staff once, then practice by practice."""

from __future__ import annotations

from dataclasses import dataclass

from hamlets.booking.simulation.clinicians import PracticeStaff, clinicians_of, make_staff
from hamlets.booking.simulation.groups import cover_of
from hamlets.booking.simulation.patients import make_patients
from hamlets.booking.simulation.places import Borough, make_borough
from hamlets.booking.simulation.rota import HubSession, hub_part, hub_sessions, make_rota
from hamlets.booking.simulation.world import PracticeWorld, Setting


@dataclass(frozen=True)
class Ground:
    """What all practices stand on: places, everybody's posts, and the hubs' sessions."""

    setting: Setting
    borough: Borough
    staff: dict[str, PracticeStaff]
    """By practice id; a hub's by the hub's id."""
    hub_sessions: dict[str, list[HubSession]]


def make_ground(setting: Setting) -> Ground:
    """Return the places and posts of the borough; quick beside its patients."""
    borough = make_borough(setting)
    staff = make_staff(setting, borough)
    sessions = {n.hub_id: hub_sessions(setting, n, staff[n.hub_id].posts) for n in borough.networks}
    return Ground(setting, borough, staff, sessions)


def make_practice(ground: Ground, number: int) -> PracticeWorld:
    """Return one practice; it depends on no other practice's patients or rota."""
    setting, borough = ground.setting, ground.borough
    practice = borough.practices[number]
    network = borough.network_of(practice)
    staff = ground.staff[practice.practice_id]
    posts = staff.posts
    sessions = ground.hub_sessions[network.hub_id]
    hub_posts = ground.staff[network.hub_id].posts if sessions else ()
    sizes = [borough.practices[i].list_size for i in network.practices]
    patients = make_patients(setting, borough, practice, posts)
    hub = hub_part(sessions, sizes, network.practices.index(number))
    rota = make_rota(setting, practice, posts, patients, hub)
    cover = cover_of(posts, staff.teams, staff.buddies)
    return PracticeWorld(practice, clinicians_of([*posts, *hub_posts]), rota, patients, cover)


def make_world(setting: Setting) -> list[PracticeWorld]:
    """Return all practices. For small worlds: a borough is made practice by practice."""
    ground = make_ground(setting)
    return [make_practice(ground, n) for n in range(setting.practices)]
