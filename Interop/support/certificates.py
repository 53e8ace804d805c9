"""Certificates: the usual ones by `postern certificate`, the odd ones by openssl."""
import datetime
import hashlib
import os
import subprocess
from collections import namedtuple

Credential = namedtuple("Credential", "certificate key")
"""The paths of a PEM certificate and of its private key."""

KEY_KINDS = {
    "Ed25519": ["-algorithm", "ed25519"],
    "P-256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "P-384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "P-521": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
    "RSA 2048": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
}

CONFIGURATION = """
[ca]
default_ca = authority
[authority]
database = {folder}/index
new_certs_dir = {folder}
unique_subject = no
rand_serial = yes
default_md = sha256
default_crl_days = 30
policy = any
[any]
commonName = supplied
[extensions]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = {usage}
subjectAltName = {names}
"""


def run(*command, **options):
    """Runs a program, with its errors in the exception if it fails."""
    result = subprocess.run(command, capture_output=True, timeout=60, **options)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {result.stderr.decode(errors='replace').strip()}")
    return result.stdout


def pin(certificate):
    """What `keys:` of an account takes for the key of a certificate."""
    key = run("openssl", "x509", "-in", certificate, "-noout", "-pubkey")
    return "sha256:" + hashlib.sha256(run("openssl", "pkey", "-pubin", "-outform", "DER", input=key)).hexdigest()


class Authority:
    """An authority that `postern certificate authority` has made, in a folder of its own."""

    def __init__(self, postern, folder, name):
        self._postern, self._folder = postern, folder
        run(postern, "certificate", "authority", "--directory", folder, "--name", name)
        self.certificate, self._key = f"{folder}/ca.pem", f"{folder}/ca.key"

    def client(self, address, name=None):
        """A client certificate as `postern certificate issue` makes it."""
        path = f"{self._folder}/{name or address}"
        run(self._postern, "certificate", "issue", "--authority", self._folder, "--address", address, "--out", path)
        return Credential(f"{path}.pem", f"{path}.key")

    def odd_client(self, name, address, key_kind="P-256", start=-3600, lifetime=86_400):
        """A client certificate that openssl makes.

        start: seconds from now, may be in the past; lifetime: seconds from there."""
        return self._issue(name, f"email:{address}", "clientAuth", key_kind, start, lifetime)

    def server(self):
        """A certificate for servers on this machine."""
        return self.odd_server("server")

    def odd_server(self, name, names="DNS:localhost,DNS:mx.example.org,IP:127.0.0.1", start=-3600, lifetime=90 * 86_400):
        """A server's certificate for those names, good from `start` seconds from now for `lifetime` seconds."""
        return self._issue(name, names, "serverAuth", "P-256", start, lifetime)

    def revocation_list(self, path, *revoked):
        """Writes a list to the path that names these certificates; it does so in one step."""
        configuration, index = f"{self._folder}/crl.cnf", f"{self._folder}/index"
        open(index, "a").close()
        with open(configuration, "w") as file:
            file.write(CONFIGURATION.format(folder=self._folder, names="email:x@example.org", usage="clientAuth"))
        signer = ("-config", configuration, "-cert", self.certificate, "-keyfile", self._key)
        for certificate in revoked:
            run("openssl", "ca", "-batch", *signer, "-revoke", certificate)
        run("openssl", "ca", "-batch", *signer, "-gencrl", "-out", f"{path}.new")
        os.rename(f"{path}.new", path)

    def _issue(self, name, names, usage, key_kind, start, lifetime):
        path = f"{self._folder}/{name}"
        open(f"{self._folder}/index", "a").close()
        with open(f"{path}.cnf", "w") as configuration:
            configuration.write(CONFIGURATION.format(folder=self._folder, names=names, usage=usage))
        run("openssl", "genpkey", *KEY_KINDS[key_kind], "-out", f"{path}.key")
        os.chmod(f"{path}.key", 0o600)
        run("openssl", "req", "-new", "-key", f"{path}.key", "-subj", f"/CN={name}", "-out", f"{path}.csr")
        begin = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=start)
        end = begin + datetime.timedelta(seconds=lifetime)
        run("openssl", "ca", "-batch", "-notext", "-config", f"{path}.cnf", "-extensions", "extensions",
            "-cert", self.certificate, "-keyfile", self._key, "-in", f"{path}.csr", "-out", f"{path}.pem",
            "-startdate", begin.strftime("%Y%m%d%H%M%SZ"), "-enddate", end.strftime("%Y%m%d%H%M%SZ"))
        return Credential(f"{path}.pem", f"{path}.key")
