"""Hostile words as every free text: each page is crawled in Chromium, and nothing of them runs.

The records' names (staff, practices, teams, sites, slot types) and the names of people are
payloads. A dialog, a request to elsewhere or a complaint of the content security policy is a
failure; so is an element that a payload made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from hamlets.booking.simulation.synth import make_setting, write_folder
from hamlets.records import load
from hamlets.web.answers.asking import digest_of, packed, pin, unpacked
from hamlets.web.answers.models import Answer
from hamlets.web.audit import chain
from hamlets.web.jobs.progress import Progress
from hamlets.web.learning import keeping
from hamlets.web.people.models import Person
from hamlets.web.places.giving import give_at
from hamlets.web.places.models import Place
from hamlets.web.places.standing import stand
from hamlets.web.work import everything

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.allow_hosts(["127.0.0.1", "localhost", "::1"]),
]

MARK = "owned"
"""What every payload tries to do: set window.owned, or show a dialog."""
RUN = f"window.{MARK}=1"
PAYLOADS = (
    f"<script>{RUN}</script>",
    f"<ScRiPt>{RUN}</sCrIpT>",
    f"<script/x>{RUN}</script>",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<img src=x onerror={RUN}>",
    f"<img src=x onerror='{RUN}'>",
    f'"><img src=x onerror="{RUN}">',
    f"'><img src=x onerror={RUN}>",
    f"</title><script>{RUN}</script>",
    f"</style><script>{RUN}</script>",
    f"</textarea><script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"--><script>{RUN}</script>",
    f"]]><script>{RUN}</script>",
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<svg><a xlink:href='javascript:{RUN}'><text>x</text></a></svg>",
    f"<math><mi xlink:href='javascript:{RUN}'>x</mi></math>",
    f"<body onload={RUN}>",
    f"<iframe srcdoc='<script>parent.{MARK}=1</script>'></iframe>",
    f"<iframe src='javascript:parent.{MARK}=1'></iframe>",
    f"<object data='javascript:{RUN}'></object>",
    f"<embed src='javascript:{RUN}'>",
    f"<a href='javascript:{RUN}'>x</a>",
    f"<a href='&#106;avascript:{RUN}'>x</a>",
    f"<details open ontoggle={RUN}>x</details>",
    f"<input autofocus onfocus={RUN}>",
    f"<select autofocus onfocus={RUN}></select>",
    f"<video><source onerror={RUN}></video>",
    f"<audio src=x onerror={RUN}>",
    f"<marquee onstart={RUN}>x</marquee>",
    f"<form action='javascript:{RUN}'><button>x</button></form>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<base href='https://evil.example/'>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<style>@import 'https://evil.example/x.css';</style>",
    f"{{{{ ''.__class__ }}}}{{% raw %}}<script>{RUN}</script>",
    "{name.__class__.__init__.__globals__}{0}",
    f"javascript:{RUN}//\u2028\u2029\u202e<script>{RUN}</script>\x0b",
)
PAGES = (
    "", "continuity/", "audits/?event=death", "audits/case/1/?event=death", "workforce/",
    "named-gps/", "free-wins/", "worklists/", "people/", "log/", "teams/",
    "data/", "patients/", "pack/",
)  # fmt: skip


def test_there_are_forty_payloads() -> None:
    assert len(set(PAYLOADS)) == 40


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A practice whose every name is a payload."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = tmp_path_factory.mktemp("hostile")
    setting = make_setting(practices=1, patients=3000, months=13, seed=3, end=date(2026, 10, 31))
    write_folder(setting, folder / "source")
    changed = 0
    for path in sorted((folder / "source").rglob("*.parquet")):
        table = pq.read_table(path)
        for column in ("name", "languages", "skills", "slot_type", "session_type", "category"):
            if column in table.column_names and path.stem != "patients":
                words = table.column(column).to_pylist()
                distinct = sorted({word for word in words if word is not None})
                evil = {w: PAYLOADS[n % len(PAYLOADS)] for n, w in enumerate(distinct)}
                values = pa.array([evil.get(word) for word in words], pa.string())
                position = table.column_names.index(column)
                table = table.set_column(position, column, values)
                changed += len(distinct)
        pq.write_table(table, path)
    assert changed > 20
    load(folder / "source", folder / "store", extract_end=None)
    return folder / "store"


@pytest.fixture
def manager(store: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    monkeypatch.setenv("HAMLETS_STORE", str(store))
    borough = Place.objects.create(kind="borough", code="EX-B", name=PAYLOADS[0])
    network = Place.objects.create(kind="network", code="EX-N1", name=PAYLOADS[4], parent=borough)
    place = Place.objects.create(kind="practice", code="EX001", name=PAYLOADS[6], parent=network)
    Place.objects.create(kind="practice", code="EX002", name=PAYLOADS[9], parent=network)
    version = pin()
    for name, question, body in everything.everything(store, "EX001", Progress(), version=1):
        Answer.objects.create(
            place=place, content_id=version.content_id, version=version.number,
            name=name, digest=digest_of(name, question), question=question, body=packed(body),
        )  # fmt: skip
    person = Person.objects.create_user("manager@example.org", "x" * 20, name=PAYLOADS[7])
    give_at(place, person, "practice_manager", None)
    give_at(network, person, "network_manager", None)
    deaths = Answer.objects.get(place=place, name="cases", question__event="death")
    first_death = unpacked(deaths.body)["cases"][0]
    for number, payload in enumerate(PAYLOADS):
        other = Person.objects.create_user(f"p{number}@example.org", None, name=payload)
        give_at(place, other, "clinician", None)
        chain.note(stand(person, "practice", "EX001"), payload[:60], payload[:120])
        keeping.note(stand(person, "practice", "EX001"), "death", first_death, payload)
    yield person


def test_no_page_runs_what_people_or_records_wrote(
    browser: Any, live_server: Any, manager: Person
) -> None:
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(manager)
    here = live_server.url.replace("127.0.0.1", "localhost")
    context = browser.new_context()
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "url": here,
          "value": client.cookies[settings.SESSION_COOKIE_NAME].value}]
    )  # fmt: skip
    page = context.new_page()
    trouble: list[str] = []
    page.on("dialog", lambda dialog: (trouble.append("a dialog"), dialog.dismiss()))
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))

    def requested(request: Any) -> None:
        if urlsplit(request.url).hostname not in ("localhost", None):
            trouble.append(f"asked {request.url}")

    page.on("request", requested)
    seen = 0
    for path in (*PAGES, "../../network/EX-N1/", "../EX002/"):
        response = page.goto(f"{here}/practice/EX001/{path}")
        status = response.status
        trouble[:] = [line for line in trouble if "status of 404" not in line]
        assert status in (200, 202, 404), f"{path}: {status}"
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.evaluate(f"window.{MARK}") is None, path
        assert not trouble, f"{path}: {trouble}"
        made = page.evaluate(
            "document.querySelectorAll('iframe,object,embed,base,marquee,math,main video,"
            "main audio,svg script,svg animate,main meta,main link,main style').length"
        )
        assert made == 0, path
        seen += page.content().count("&lt;")
    assert seen > 200, "the payloads are there, as text"
    context.close()


def test_a_hostile_address_comes_back_as_text(client: Any, db: None) -> None:
    for payload in PAYLOADS:
        for address in ("/account/login/?next=", "/invitation/", "/practice/"):
            from urllib.parse import quote

            words = client.get(
                address + quote(payload, safe="") + "/", follow=True
            ).content.decode()
            assert not re.search(r"<(script|img|svg|iframe)[^>]*" + MARK, words)
