"""Commands that set up: units, sites, orders, users, the database; cameras have their own file."""

import getpass
from collections.abc import Callable
from typing import Annotated

import typer

from record.errors import Invalid
from record.ids import OrderId, SiteId, UnitId, UserId, new_id
from record.keyring import KeyFile
from record.orders import Order, OrderKind, RuleKind
from record.passwords import hash_password, made_up
from record.people import Role, User
from record.places import DEFAULT_TIMEZONE, EVERYTHING, Scope, Site, Unit, UnitKind
from record.store import current_revision, seal_left_open, upgrade
from wardwatch.cli import cameras, importing, publishing
from wardwatch.cli.shared import (
    AsJson,
    Database,
    DataDir,
    added,
    moment,
    opened,
    print_json,
    refusals,
)
from wardwatch.settings import Settings

SHORTEST_PASSWORD = 10


def register(app: typer.Typer) -> None:
    groups: dict[str, tuple[str, dict[str, Callable[..., None]]]] = {
        "unit": ("Administrative units: nation, provinces, wards.", {"add": unit_add}),
        "site": ("Isolation areas.", {"add": site_add, "import": importing.site_import}),
        "camera": (
            "Cameras of a site.",
            {
                "add": cameras.camera_add,
                "probe": cameras.camera_probe,
                "discover": cameras.camera_discover,
                "unwatched": cameras.camera_unwatched,
                "token": publishing.camera_token,
                "pair": publishing.camera_pair,
            },
        ),
        "order": ("Orders, which arm the rules.", {"issue": order_issue}),
        "user": ("People who sign in.", {"add": user_add}),
        "db": ("The database.", {"upgrade": db_upgrade}),
    }
    for name, (help_text, commands) in groups.items():
        group = typer.Typer(help=help_text, no_args_is_help=True)
        for verb, command in commands.items():
            group.command(verb)(command)
        app.add_typer(group, name=name)


def unit_add(
    code: Annotated[str, typer.Argument(help="The code that the state gave it.")],
    name: Annotated[str, typer.Argument(help="Its full name.")],
    kind: Annotated[UnitKind, typer.Option(help="Level of the unit.")] = UnitKind.WARD,
    parent: Annotated[str | None, typer.Option(help="Code of the unit above it.")] = None,
    data_dir: DataDir = None,
    database_url: Database = None,
    as_json: AsJson = False,
) -> None:
    """Add an administrative unit."""
    unit = Unit(UnitId(code), UnitId(parent) if parent else None, kind, name)
    with opened(data_dir, database_url) as store, store.write(EVERYTHING) as record:
        record.units.add(unit)
    added("unit", code, as_json)


def site_add(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    unit: Annotated[str, typer.Option(help="Code of the ward it lies in.")],
    timezone: Annotated[str, typer.Option(help="IANA time zone.")] = DEFAULT_TIMEZONE,
    data_dir: DataDir = None,
    database_url: Database = None,
    as_json: AsJson = False,
) -> None:
    """Add an isolation area; prints its id."""
    site = Site(SiteId(new_id()), UnitId(unit), name, timezone)
    with opened(data_dir, database_url) as store, store.write(EVERYTHING) as record:
        record.sites.add(site)
    added("site", site.id, as_json)


def order_issue(
    number: Annotated[str, typer.Argument(help="Its number, such as 12/QĐ-UBND.")],
    issuer: Annotated[str, typer.Option(help="Who issues it.")],
    begins: Annotated[str, typer.Option("--from", help="2026-11-24T13:30:00+07:00")],
    ends: Annotated[str, typer.Option("--to", help="Exclusive: it holds until just before.")],
    unit: Annotated[str | None, typer.Option(help="Code of the unit where it holds.")] = None,
    site: Annotated[str | None, typer.Option(help="Or the id of the one site.")] = None,
    arms: Annotated[
        list[RuleKind] | None, typer.Option("--arms", help="Rule kind; repeat for several.")
    ] = None,
    kind: Annotated[OrderKind, typer.Option(help="What it orders.")] = OrderKind.ISOLATION,
    legal_basis: Annotated[str, typer.Option(help="The law it rests on.")] = "",
    data_dir: DataDir = None,
    database_url: Database = None,
    as_json: AsJson = False,
) -> None:
    """Issue an order; prints its id. Rules of its place and time are armed by it."""
    with refusals():
        order = Order(
            id=OrderId(new_id()),
            version=1,
            number=number,
            kind=kind,
            issuer=issuer,
            legal_basis=legal_basis,
            unit=UnitId(unit) if unit else None,
            site=SiteId(site) if site else None,
            begins_at=moment(begins, "from"),
            ends_at=moment(ends, "to"),
            arms=frozenset(arms or RuleKind),
        )
    with opened(data_dir, database_url) as store, store.write(EVERYTHING) as record:
        record.orders.issue(order)
    added("order", order.id, as_json)


def user_add(
    username: Annotated[str, typer.Argument(help="What is typed at sign-in.")],
    role: Annotated[Role, typer.Option(help="What the person may do.")],
    name: Annotated[str, typer.Option(help="What colleagues read.")] = "",
    unit: Annotated[list[str] | None, typer.Option(help="Unit the person sees.")] = None,
    site: Annotated[list[str] | None, typer.Option(help="Site the person sees.")] = None,
    generate: Annotated[bool, typer.Option(help="Make up a password and print it.")] = False,
    data_dir: DataDir = None,
    database_url: Database = None,
    as_json: AsJson = False,
) -> None:
    """Add a person. The password is asked for, twice, and never shown."""
    with refusals():
        scope = Scope(
            units=frozenset(UnitId(code) for code in unit or ()),
            sites=frozenset(SiteId(one) for one in site or ()),
            everything=role is Role.ADMIN and not unit and not site,
        )
        if scope == Scope():
            raise Invalid("unit", "say which unit or site this person sees")
        password = made_up() if generate else _ask_password()
        user = User(UserId(new_id()), username, name or username, role, scope)
    with opened(data_dir, database_url) as store, store.write(EVERYTHING) as record:
        record.users.add(user, hash_password(password))
    if as_json:
        print_json({"user": user.id} | ({"password": password} if generate else {}))
    else:
        typer.echo(f"user {user.id}" + (f"  password {password}" if generate else ""))


def db_upgrade(
    data_dir: DataDir = None, database_url: Database = None, as_json: AsJson = False
) -> None:
    """Bring the database to this program's version; makes it when there is none."""
    with refusals():
        settings = Settings.load(data_dir=data_dir, database_url=database_url)
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        upgrade(settings.store_url)
        seal_left_open(settings.store_url, KeyFile(settings.secrets_key))
        revision = current_revision(settings.store_url)
    added("revision", revision or "none", as_json)


def _ask_password() -> str:
    first = getpass.getpass("password: ")
    if len(first) < SHORTEST_PASSWORD:
        raise Invalid("password", f"has {len(first)} characters; {SHORTEST_PASSWORD} or more")
    if getpass.getpass("again: ") != first:
        raise Invalid("password", "the two differ")
    return first
