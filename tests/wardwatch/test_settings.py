"""Settings: sources, refusals, and secrets that do not show."""

from pathlib import Path

import pytest

from record.errors import Invalid
from wardwatch.processes import Orders, plain, settings_of
from wardwatch.settings import Settings


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("WARDWATCH_PORT", "WARDWATCH_DATABASE_URL", "WARDWATCH_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("wardwatch.toml").write_text('port = 1000\nhost = "127.0.0.2"\nlog_format = "json"\n')
    monkeypatch.setenv("WARDWATCH_PORT", "2000")
    monkeypatch.setenv("WARDWATCH_HOST", "127.0.0.3")
    settings = Settings.load(port=3000)
    assert (settings.port, settings.host, settings.log_format) == (3000, "127.0.0.3", "json")


@pytest.mark.parametrize(
    ("file", "field"),
    [("prot = 80\n", "prot"), ("port = 70000\n", "port"), ('log_level = "loud"\n', "log_level")],
)
def test_a_wrong_setting_is_refused_by_name(file: str, field: str) -> None:
    Path("wardwatch.toml").write_text(file)
    with pytest.raises(Invalid) as refused:
        Settings.load()
    assert refused.value.field == field
    assert refused.value.reason


def test_secrets_do_not_show_but_reach_a_child() -> None:
    settings = Settings.load(
        database_url="postgresql://u:very-secret@h/d", webrtc_turn_password="very-secret"
    )
    assert "very-secret" not in repr(settings)
    orders = Orders(settings=plain(settings))
    assert settings_of(orders) == settings


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("box", False)],  # noqa: S104
)
def test_loopback_is_known(host: str, loopback: bool) -> None:
    assert Settings.load(host=host).on_loopback is loopback


def test_camera_networks_come_as_a_list_or_with_commas_and_reach_a_child(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("wardwatch.toml").write_text('camera_networks = ["10.1.0.0/16", "fd00::/8"]\n')
    listed = Settings.load()
    assert listed.networks.allows("10.1.2.3")
    assert listed.networks.allows("fd00::1")
    assert not listed.networks.allows("192.168.1.1")
    assert settings_of(Orders(settings=plain(listed))).networks == listed.networks
    monkeypatch.setenv("WARDWATCH_CAMERA_NETWORKS", "203.0.113.0/24,127.0.0.1")
    assert str(Settings.load().networks) == "203.0.113.0/24, 127.0.0.1/32"


@pytest.mark.parametrize(("host", "allowed"), [("127.0.0.1", True), ("192.168.1.2", False)])
def test_loopback_is_dialled_while_the_node_listens_there(host: str, allowed: bool) -> None:
    networks = Settings.load(host=host).networks
    assert networks.allows("127.0.0.1") is allowed
    assert networks.allows("192.168.1.64")
    assert not networks.allows("203.0.113.1")


def test_loopback_is_not_dialled_from_behind_a_proxy_unless_it_is_listed() -> None:
    """Who signs in through it sits elsewhere, whatever address the API listens on."""
    behind = Settings.load(host="127.0.0.1", trusted_proxies=("127.0.0.1",))
    assert not behind.networks.allows("127.0.0.1")
    assert behind.networks.allows("192.168.1.64")
    listed = behind.model_copy(update={"camera_networks": ("127.0.0.1",)})
    assert listed.networks.allows("127.0.0.1")


def test_a_network_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(Invalid, match="'garden' is no network") as refused:
        Settings.load(camera_networks=("garden",))
    assert refused.value.field == "camera_networks"
