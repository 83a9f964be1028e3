"""Signing in: the cookie, the throttle, the clock of a wrong password, what is kept."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from api import ApiSettings
from api.sessions import same_host, token_hash
from record.clock import SystemClock
from record.ids import Position, UserId, new_id
from record.passwords import hash_password, password_fits
from record.people import Role, User
from record.places import EVERYTHING, Scope
from tests.api.conftest import COOKIE, NO_TLS, SETTINGS, Running, Serve, Shared, running
from tests.api.world import PASSWORD, World

BODY = {"username": "supervisor.north", "password": PASSWORD}


@pytest.fixture
def client(shared: Shared) -> Iterator[httpx.Client]:
    with shared.api.client() as found:
        yield found


def attributes(answer: httpx.Response) -> set[str]:
    return {part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]}


def test_signing_in_sets_a_cookie_that_scripts_and_other_sites_never_see(
    client: httpx.Client,
) -> None:
    answer = client.post("/session", json=BODY)
    assert answer.status_code == 204
    assert attributes(answer) == {"httponly", "samesite=strict", "path=/", "max-age=43200"}
    assert client.get("/me").json()["username"] == "supervisor.north"


def test_off_loopback_the_cookie_is_secure(world: World, serve: Serve) -> None:
    with serve(world.store, ApiSettings(secure_cookie=True)) as api, api.client() as client:
        assert "secure" in attributes(client.post("/session", json=BODY))


@pytest.mark.parametrize(("proxies", "secure"), [((), False), (("127.0.0.1",), True)])
def test_behind_a_proxy_that_is_named_and_ends_tls_it_is_secure_too(
    world: World, run_dir: Path, proxies: tuple[str, ...], secure: bool
) -> None:
    """Whoever else says that he does is not believed."""
    with running(world.store, run_dir, SETTINGS, proxies) as api, api.client() as client:
        answer = client.post("/session", json=BODY, headers={"x-forwarded-proto": "https"})
    assert ("secure" in attributes(answer)) is secure


def test_only_the_hash_of_the_token_is_kept(shared: Shared, client: httpx.Client) -> None:
    token = client.post("/session", json=BODY).cookies[COOKIE]
    with shared.world.store.read(EVERYTHING) as reading:
        session = reading.sessions.find(token_hash(token), SystemClock().now())
        assert session is not None
        assert session.expires_at - session.opened_at == timedelta(hours=12)
        bodies = b"".join(event.body for event in reading.events.after(Position(0), 1000))
    assert token.encode() not in bodies
    assert PASSWORD.encode() not in bodies


def test_signing_out_ends_the_session_for_good(client: httpx.Client) -> None:
    client.post("/session", json=BODY)
    kept = client.cookies[COOKIE]
    assert client.delete("/session").status_code == 204
    client.cookies.set(COOKIE, kept, domain="127.0.0.1")
    assert client.get("/me").status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "supervisor.north", "password": "wrong"},
        {"username": "nobody", "password": PASSWORD},
        {"username": "SUPERVISOR.NORTH", "password": PASSWORD + " "},
    ],
)
def test_which_of_the_two_was_wrong_is_not_told(
    client: httpx.Client, wrong: dict[str, str]
) -> None:
    answer = client.post("/session", json=wrong)
    assert answer.status_code == 401
    assert answer.json() == {
        "type": "urn:wardwatch:problem:sign-in-refused",
        "title": "Sign-in refused",
        "status": 401,
        "detail": "User name or password is wrong",
    }
    assert "set-cookie" not in answer.headers


def test_an_unknown_user_takes_as_long_as_a_known_one() -> None:
    """Both check a hash: within a factor of two of each other, on a busy machine."""
    stored = hash_password(PASSWORD)

    def seconds(known: str | None) -> float:
        began = time.process_time()
        assert not password_fits("wrong", known)
        return time.process_time() - began

    known = statistics.median(seconds(stored) for _ in range(5))
    unknown = statistics.median(seconds(None) for _ in range(5))
    assert 0.5 < unknown / known < 2


def test_passwords_are_salted_argon2id() -> None:
    first, second = hash_password(PASSWORD), hash_password(PASSWORD)
    assert first.startswith("$argon2id$")
    assert first != second
    assert password_fits(PASSWORD, first)
    assert not password_fits(PASSWORD, None)
    assert not password_fits(PASSWORD, "no hash at all")


def test_a_disabled_user_is_refused(shared: Shared, client: httpx.Client) -> None:
    user = User(
        UserId(new_id()), "gone", "Đã nghỉ", Role.SUPERVISOR, Scope.of_unit(shared.world.north.unit)
    )
    with shared.world.store.write(EVERYTHING) as writing:
        writing.users.add(user, hash_password(PASSWORD))
    body = {"username": "gone", "password": PASSWORD}
    assert client.post("/session", json=body).status_code == 204
    with shared.world.store.write(EVERYTHING) as writing:
        writing.users.change(replace(user, disabled=True))
    assert client.get("/me").status_code == 401
    assert client.post("/session", json=body).status_code == 401


def guess(client: httpx.Client) -> list[int]:
    """What wrong passwords are answered, up to the first that has to wait. On a busy machine that
    is later than the eleventh: a try is given back every few seconds."""
    statuses: list[int] = []
    while statuses[-1:] != [429] and len(statuses) < 30:
        wrong = {**BODY, "password": "wrong"}
        statuses.append(client.post("/session", json=wrong).status_code)
    return statuses


def test_too_many_tries_at_one_name_are_slowed_down(api: Running) -> None:
    """Even the right password has to wait then, and another name does not."""
    with api.client() as client:
        statuses = guess(client)
        refused = client.post("/session", json=BODY)
        other = client.post("/session", json={**BODY, "username": "supervisor.south"})
    assert statuses[:10] == [401] * 10
    assert statuses[-1] == 429
    assert refused.status_code == 429
    assert refused.json()["retry_after"] == int(refused.headers["retry-after"]) >= 1
    assert other.status_code == 204


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 204),
        ("http://127.0.0.1:{port}", 204),
        ("http://127.0.0.1", 403),
        ("http://evil.example:{port}", 403),
        ("null", 403),
        ("http://127.0.0.1.evil.example:{port}", 403),
        ("", 403),
    ],
)
def test_a_page_of_another_site_cannot_act(
    shared: Shared, client: httpx.Client, origin: str | None, status: int
) -> None:
    headers = {} if origin is None else {"origin": origin.format(port=shared.api.port)}
    assert client.post("/session", json=BODY, headers=headers).status_code == status


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("https://ward.example", "ward.example", True),
        ("https://ward.example", "ward.example:443", True),
        ("http://ward.example", "ward.example:443", False),
        ("https://WARD.example", "ward.example", True),
        ("https://ward.example:8443", "ward.example:8443", True),
        ("http://[::1]:8080", "[::1]:8080", True),
        ("ftp://ward.example", "ward.example", False),
        ("https://ward.example:no", "ward.example", False),
        ("https://ward.example", "", False),
        ("https://user@ward.example", "other.example", False),
    ],
)
def test_host_and_port_make_the_origin(origin: str, host: str, *, same: bool) -> None:
    assert same_host(origin, host) is same


@pytest.mark.parametrize(
    "cookie", ["", "x", f"{COOKIE}=", f'{COOKIE}="', f"{COOKIE}=a=b;;", "\xff", f"{COOKIE}=\xff"]
)
def test_a_cookie_of_nonsense_is_no_session(shared: Shared, cookie: str) -> None:
    with shared.api.client() as client:
        answer = client.get("/me", headers={b"cookie": cookie.encode("latin-1")})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "others",
    ['pref={"a":1}; ', "a b=c; ", "x=é; ", "flag; ", 'a="b; ', "a,b=1; [x]=y; "],
)
def test_cookies_of_other_applications_do_not_hide_ours(
    shared: Shared, client: httpx.Client, others: str
) -> None:
    """A host may serve more than wardwatch, and its cookies reach us as they are."""
    token = client.post("/session", json=BODY).cookies[COOKIE]
    with shared.api.client() as other:
        sent = f"{others}{COOKIE}={token}; last=[1]"
        answer = other.get("/me", headers={b"cookie": sent.encode("latin-1")})
    assert answer.status_code == 200


def test_who_guesses_from_elsewhere_does_not_lock_a_user_out(api: Running) -> None:
    elsewhere = httpx.HTTPTransport(local_address="127.0.0.2", verify=NO_TLS)
    with httpx.Client(base_url=f"{api.url}/api/v1", transport=elsewhere) as guessing:
        statuses = guess(guessing)
    with api.client() as client:
        answer = client.post("/session", json=BODY)
    assert statuses[-1] == 429
    assert answer.status_code == 204
