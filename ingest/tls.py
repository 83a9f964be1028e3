"""RTSPS: how far a camera's certificate is trusted, and what is wrong where a line fails.

Cameras sign their certificates themselves, so by default the line is encrypted and nobody is
verified: it keeps out who listens, not who stands in the middle. A site that gives its cameras
certificates of its own asks for `verify`.
"""

import ssl
from dataclasses import dataclass
from pathlib import Path

from ingest.peers import connected

_VERIFY_WORDS = {
    9: "its certificate is not valid yet: check both clocks",
    10: "its certificate has expired",
    18: "its certificate is signed by itself, and the settings ask for a known one",
    19: "its certificate comes from an unknown authority",
    20: "its certificate comes from an unknown authority",
    21: "its certificate comes from an unknown authority",
    62: "its certificate is for another name",
    64: "its certificate is for another address",
}
"""X509_V_ERR_* (openssl/x509_vfy.h), in words."""


@dataclass(frozen=True, slots=True)
class CameraTls:
    verify: bool = False
    ca_file: Path | None = None
    """Authorities in PEM; None: those of the system."""

    def options(self, server_name: str | None) -> dict[str, str]:
        """FFmpeg's options ("tls"). `server_name`: what the certificate must be for, where the
        address that is dialled is not it."""
        if not self.verify:
            return {"tls_verify": "0"}
        authorities = self.ca_file or ssl.get_default_verify_paths().cafile
        options = {"tls_verify": "1"}
        if authorities is not None:
            options["ca_file"] = str(authorities)
        return options if server_name is None else options | {"verifyhost": server_name}

    def context(self) -> ssl.SSLContext:
        if self.verify:
            return ssl.create_default_context(cafile=self.ca_file)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context


UNVERIFIED = CameraTls()


def what_is_wrong(
    host: str, port: int, tls: CameraTls, server_name: str | None, timeout_s: float
) -> str | None:
    """Words for why TLS with that camera fails; None when it does not, or nobody answers at all.

    FFmpeg says of a bad certificate, of a camera that speaks no TLS and of a name that does not
    resolve the same thing: that input or output failed. Hence a handshake of our own.
    """
    try:
        connection = connected(host, port, timeout_s)
    except OSError:
        return None
    with connection:
        try:
            with tls.context().wrap_socket(connection, server_hostname=server_name or host):
                return None
        except ssl.SSLCertVerificationError as error:
            return _VERIFY_WORDS.get(error.verify_code, "its certificate is not valid")
        except TimeoutError:
            return "it does not answer in TLS: is rtsp:// meant, or another port?"
        except ssl.SSLError as error:
            if "VERSION" in (error.reason or "") and "WRONG_VERSION" not in (error.reason or ""):
                return "it speaks only a version of TLS that is too old"
            return "it does not speak TLS on that port, or no kind that we have in common"
        except OSError:
            return "it hangs up when TLS begins"
