"""Makes the private authority that Octavia signs amphora certificates with. Runs in the cloud's environment."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID


def _private(key: rsa.RSAPrivateKey, encryption: serialization.KeySerializationEncryption) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, encryption)


def _certificate(name: str, issuer: str, key: rsa.RSAPrivateKey, signer: rsa.RSAPrivateKey, authority: bool) -> bytes:
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)


def main(folder: Path, passphrase: str) -> None:
    """Writes ca.pem, ca.key (encrypted) and client.pem into `folder`, unless they are there."""
    if (folder / "client.pem").exists():
        return
    signer, client = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    files = {
        "ca.pem": _certificate("sandbox authority", "sandbox authority", signer, signer, authority=True),
        "ca.key": _private(signer, serialization.BestAvailableEncryption(passphrase.encode())),
        "client.pem": _certificate("sandbox client", "sandbox authority", client, signer, authority=False)
        + _private(client, serialization.NoEncryption()),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.stdin.read().strip())
