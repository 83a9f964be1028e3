from tests.api.conftest import Running
from tests.api.world import World


def test_smoke(world: World, api: Running) -> None:
    with api.client("supervisor.north") as c:
        for path in ["/api/v1/me", "/api/v1/wall", "/api/v1/breaches", f"/api/v1/breaches/{world.north.breach}", "/api/v1/events?after=0", "/api/v1/units","/api/v1/sites","/api/v1/orders","/api/v1/cameras", f"/api/v1/sites/{world.north.site}/occupancy", "/readyz", "/metrics"]:
            r = c.get(path)
            print(r.status_code, path, r.text[:600])
    assert 0
