"""Authorities and certificates of tests, made on the spot."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Authority:
    """Somebody who can vouch for hosts."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, name: str = "Authority of the test") -> Authority:
        """A new one, good from yesterday until tomorrow."""
        key = ec.generate_private_key(ec.SECP256R1())
        called, now = _name(name), datetime.now(UTC)
        built = (
            x509.CertificateBuilder()
            .subject_name(called)
            .issuer_name(called)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _DAY)
            .not_valid_after(now + _DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(key, built)

    @property
    def pem(self) -> str:
        """The authority's certificate, for `SSL_CERT_FILE` to name."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    def context(self, folder: Path, *hosts: str, from_day: int = -1, until_day: int = 1) -> ssl.SSLContext:
        """For a server that is called one of *hosts*. Its files go into *folder*; the days count from today."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        built = (
            x509.CertificateBuilder()
            .subject_name(_name(hosts[0]))
            .issuer_name(self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + from_day * _DAY)
            .not_valid_after(now + until_day * _DAY)
            .add_extension(x509.SubjectAlternativeName([_called(host) for host in hosts]), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        file = folder / f"{built.serial_number}.pem"
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(secret + built.public_bytes(Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _called(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
