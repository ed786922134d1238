"""Certificates for tests: an authority, what it signs, and the bundle that a key manager keeps."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

HOUR = datetime.timedelta(hours=1)


@dataclass(frozen=True)
class Pair:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def bundle(self, name: str) -> bytes:
        """Both as PKCS12 without a password, as Octavia takes it."""
        return pkcs12.serialize_key_and_certificates(name.encode(), self.key, self.certificate, None, NoEncryption())


def authority(name: str = "An authority of tests") -> Pair:
    """One that signs itself."""
    return _made(name, None, 3650, None)


def signed(by: Pair, names: Sequence[str], days: float = 90) -> Pair:
    """For these names and addresses, the first of them as its common name; ends in so many days."""
    return _made(names[0], by, days, x509.SubjectAlternativeName([_general(one) for one in names]))


def odd(by: Pair, names: x509.ExtensionType | None, address: str) -> Pair:
    """One whose common name is an address; beside it stands what is given for the names, or nothing."""
    return _made(address, by, 90, names)


def _made(name: str, by: Pair | None, days: float, names: x509.ExtensionType | None) -> Pair:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    signer = by.key if by else key
    end = now + datetime.timedelta(days=days)
    build = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(min(now, end) - HOUR).not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )  # fmt: skip
    if by is None:
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        build = build.add_extension(usage, critical=True)
    elif names:
        build = build.add_extension(names, critical=False)
    return Pair(build.sign(signer, hashes.SHA256()), key)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
