"""A phone turned into a camera by a QR code: a real browser publishing into a running node.

`publish.ts` is the installer and the phone; here the node is started, with one camera that
publishes, and what was seen is held to what was promised.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from record.cameras import Camera, CameraUrl
from record.ids import CameraId, SiteId, UnitId, UserId, new_id
from record.passwords import hash_password
from record.people import Role, User
from record.places import EVERYTHING, Scope, Site, Unit, UnitKind
from record.store import upgrade
from tests.e2e.browsing import played
from tests.programs import READY_S
from tests.programs import running as program
from wardwatch import compose
from wardwatch.node import Node
from wardwatch.settings import Settings

PASSWORD = "install-shift-7"
BROWSER_S = 180

STEPS = (
    "the installer shows a code",
    "the phone is paired",
    "the camera is online",
    "it comes back by itself",
    "a used code is refused",
    "a renewed token ends it",
)

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(READY_S + BROWSER_S + 60)]


@dataclass(frozen=True, slots=True)
class Running:
    url: str
    camera: CameraId


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`wardwatch up`, ended by Ctrl-C as a person would."""
    folder = tmp_path_factory.mktemp("node")
    camera = prepare(Settings.load(data_dir=folder))
    with program("up", WARDWATCH_DATA_DIR=str(folder)) as url:
        yield Running(url, camera)


def prepare(settings: Settings) -> CameraId:
    """A ward, a site, a camera that publishes and an installer."""
    upgrade(settings.store_url)
    unit, site, camera = UnitId("20194"), SiteId("site"), CameraId("phone")
    user = User(UserId(new_id()), "installer", "Lắp đặt", Role.INSTALLER, Scope.of_unit(unit))
    with compose.open_store(settings) as store, store.write(EVERYTHING) as record:
        record.units.add(Unit(unit, None, UnitKind.WARD, "Phường Hòa Khánh"))
        record.sites.add(Site(site, unit, "KTX Hòa Khánh"))
        record.cameras.add(Camera(camera, site, "Điện thoại cổng", CameraUrl.parse("whip:")))
        record.users.add(user, hash_password(PASSWORD))
    return camera


def test_a_phone_becomes_a_camera(node: Node, running: Running) -> None:
    words = (running.url, "installer", PASSWORD, running.camera)
    assert tuple(played(node, "publish.ts", *words, limit_s=BROWSER_S)) == STEPS
