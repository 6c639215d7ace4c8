"""A self-signed certificate for a target on loopback."""

import subprocess

from harness.processes import need


def make_certificate(directory):
    """P-256 into cert.pem and key.pem: what most servers of today have."""
    subprocess.run(
        [need("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", directory / "key.pem", "-out", directory / "cert.pem", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True,
    )
