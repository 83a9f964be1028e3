"""Settings: `wardwatch.toml` in the working folder, then `WARDWATCH_*`, then the command line.

Parsed once, frozen, and handed down by `compose`; no other module reads the environment.
"""

import os
import tomllib
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pydantic
from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, SecretStr
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from record.errors import Invalid
from record.networks import CameraNetworks

FILE = "wardwatch.toml"
DATABASE = "wardwatch.db"


def _listed(value: Any) -> Any:
    """In the environment: with commas in between."""
    return tuple(value.split(",")) if isinstance(value, str) else value


def _networks(texts: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if texts is None:
        return None
    try:
        return tuple(str(network) for network in CameraNetworks.parse(texts).networks)
    except Invalid as refused:
        raise ValueError(refused.reason) from None


Networks = Annotated[
    tuple[str, ...] | None,
    NoDecode,
    BeforeValidator(_listed),
    AfterValidator(_networks),
    PlainSerializer(lambda texts: texts and ",".join(texts), when_used="json"),
]


def default_data_dir() -> Path:
    """Where a user's programs keep their data (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "wardwatch"


class Settings(BaseSettings):
    """Every setting; docs/settings.md lists them and a test compares."""

    model_config = SettingsConfigDict(
        env_prefix="WARDWATCH_", toml_file=FILE, extra="forbid", frozen=True
    )

    data_dir: Path = Field(default_factory=default_data_dir)
    """Database, sockets and keys of this node."""
    database_url: SecretStr | None = None
    """`postgresql://…` or `sqlite:////…`; absent: SQLite in `data_dir`."""
    host: str = "127.0.0.1"
    """Address that the API listens on."""
    port: int = Field(default=8080, ge=0, le=65535)
    """Port that the API listens on; 0 takes a free one."""
    model: Path | None = None
    """Detector file; absent: the one that ships with wardwatch."""
    looks_per_s: float = Field(default=5.0, gt=0, le=25)
    """How often the detector looks at each camera."""
    webrtc_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Own addresses offered to WebRTC peers lie in these; empty: all but loopback, or loopback
    alone when `host` is."""
    webrtc_stun: tuple[str, ...] = ()
    """`stun:host:port`, told to browsers and asked ourselves; none by default."""
    webrtc_turn: tuple[str, ...] = ()
    """`turn:host:port?transport=udp`: relays for peers that cannot reach this node."""
    webrtc_turn_username: str = ""
    """User of the relays."""
    webrtc_turn_password: SecretStr | None = None
    """Password of the relays; told to browsers that are signed in."""
    camera_networks: Networks = None
    """Networks, in CIDR notation, in which this node may dial cameras; absent: the private ones,
    and loopback while the API listens on loopback and no proxy is trusted."""
    trusted_proxies: Networks = None
    """Addresses and networks of reverse proxies whose `X-Forwarded-For` and `-Proto` are believed;
    absent: nobody's."""
    secrets_key_file: Path | None = None
    """The key that seals camera addresses; absent: `keys/secrets.key` in `data_dir`."""
    evidence_key_file: Path | None = None
    """The key that seals evidence; absent: `keys/evidence.key` in `data_dir`."""
    evidence_most_gb: float = Field(default=50.0, ge=0)
    """What snapshots and clips may take on the disk; when it is reached no more are kept."""
    evidence_least_free_gb: float = Field(default=2.0, ge=0)
    """What they leave free on the disk."""
    evidence_ring_mb: float = Field(default=8.0, ge=0.5, le=256)
    """Memory for the last seconds of each camera."""
    camera_tls: Literal["encrypt", "verify"] = "encrypt"
    """Of `rtsps://` cameras: `encrypt` takes any certificate, `verify` only known ones."""
    camera_ca: Path | None = None
    """Authorities that `verify` knows, in PEM; absent: those of the system."""
    hw_decode: Literal["none", "vaapi", "cuda"] = "none"
    """Decode on a graphics card; where it cannot, in software, which is logged and counted."""
    onvif_events: bool = False
    """Listen to the cameras' own motion and tamper events, where they speak ONVIF."""
    metrics_token: SecretStr | None = None
    """Bearer token for `/metrics`; without one `/metrics` answers in the demo only."""
    log_format: Literal["human", "json"] = "human"
    """Lines for a person, or JSON lines for a collector."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least level that is written."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = TomlConfigSettingsSource(settings_cls)
        return init_settings, env_settings, file_secret_settings, file

    @classmethod
    def load(cls, **given: Any) -> Self:
        """Read all sources; `given` wins. Raises `Invalid` naming the setting and the reason."""
        try:
            return cls(**{name: value for name, value in given.items() if value is not None})
        except pydantic.ValidationError as error:
            first = error.errors(include_input=False)[0]
            raise Invalid(".".join(str(part) for part in first["loc"]), first["msg"]) from None
        except tomllib.TOMLDecodeError as error:
            raise Invalid(FILE, str(error)) from None

    @property
    def store_url(self) -> str:
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir.absolute() / DATABASE}"

    @property
    def secrets_key(self) -> Path:
        return (self.secrets_key_file or self.data_dir / "keys" / "secrets.key").absolute()

    @property
    def evidence_dir(self) -> Path:
        return self.data_dir / "evidence"

    @property
    def evidence_key(self) -> Path:
        """Not the one of addresses: that is renewed, and then the former opens nothing more."""
        return (self.evidence_key_file or self.data_dir / "keys" / "evidence.key").absolute()

    @property
    def views_dir(self) -> Path:
        """What each camera usually sees, sealed, for a worker that begins anew."""
        return self.data_dir / "views"

    @property
    def run_dir(self) -> Path:
        """Local sockets: workers and wake-ups."""
        return self.data_dir / "run"

    @property
    def networks(self) -> CameraNetworks:
        if self.camera_networks is None:
            # Behind a reverse proxy who signs in is elsewhere, and this machine's services are not
            # theirs to dial.
            only_from_here = self.on_loopback and not self.trusted_proxies
            return CameraNetworks.default(loopback=only_from_here)
        return CameraNetworks.parse(self.camera_networks)

    @property
    def on_loopback(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False
