"""A certificate for this machine alone, made at first use and kept.

Its authority signs this one certificate and is forgotten: who trusts ``authority.pem`` trusts nobody else by it.
Invariant: the private key lies in ``server.pem`` only (mode 0600); files that are there are used as they are.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_ANYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to
_AUTHORITY: Final = "authority.pem"
_SERVER: Final = "server.pem"


class CertificateError(Exception):
    """There is no certificate and none can be made; the text says why."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """``authority`` is what clients trust; ``server`` holds the key and the certificate that it signed."""

    authority: Path
    server: Path


def kept_in(folder: Path, host: str) -> Certificate:
    """The certificate for a server on ``host``. Raises ``CertificateError``."""
    names = [*_LOOPBACK] if host in {*_LOOPBACK, *_ANYWHERE} else [*_LOOPBACK, host]
    place = folder if len(names) == len(_LOOPBACK) else folder / host.replace(":", "_")
    certificate = Certificate(place / _AUTHORITY, place / _SERVER)
    if not (certificate.authority.exists() and certificate.server.exists()):
        try:
            _make(certificate, names)
        except OSError as error:
            raise CertificateError(f"{place}: no certificate can be kept there: {error.strerror}") from None
    return certificate


def _make(certificate: Certificate, names: list[str]) -> None:
    try:
        import trustme  # noqa: PLC0415 - an extra, which few need
    except ModuleNotFoundError:
        raise CertificateError("--tls makes a certificate: pip install 'kraken-futures-tui[tls]'") from None
    authority = trustme.CA(organization_name="kftui paper exchange")
    issued = authority.issue_cert(*names)
    certificate.server.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(certificate.server, issued.private_key_and_cert_chain_pem.bytes())
    _write(certificate.authority, authority.cert_pem.bytes())


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
