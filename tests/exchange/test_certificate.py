import ssl
from pathlib import Path

import pytest

from tui.exchange import certificate
from tui.exchange.certificate import CertificateError

pytest.importorskip("trustme", reason="needs the extra 'tls'")


def test_a_certificate_is_made_once_and_fits_its_authority(tmp_path: Path) -> None:
    made = certificate.kept_in(tmp_path / "tls", "127.0.0.1")
    before = made.server.read_bytes()
    assert certificate.kept_in(tmp_path / "tls", "localhost") == made
    assert made.server.read_bytes() == before
    assert len(ssl.create_default_context(cafile=made.authority).get_ca_certs()) == 1
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(made.server)


def test_another_address_has_another_certificate(tmp_path: Path) -> None:
    here, there = (certificate.kept_in(tmp_path, host) for host in ("127.0.0.1", "192.0.2.7"))
    assert here.server.read_bytes() != there.server.read_bytes()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CertificateError, match="no certificate can be kept there"):
        certificate.kept_in(tmp_path / "file" / "tls", "127.0.0.1")
