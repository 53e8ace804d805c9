"""A site to serve: an authority, certificates, accounts, and a configuration whose listeners each test chooses."""
import os
import subprocess

from .certificates import Authority, pin
from .server import Server

PASSWORD = "correct horse"


class Site:
    """example.org, with the accounts alice and bob. `alice` is her certificate.

    trust: by what certificates count: `authority`, `pin` (alice's key alone), or `none`."""

    def __init__(self, postern, folder, trust="authority"):
        self.postern, self.folder, self._trust = postern, folder, trust
        os.makedirs(folder, exist_ok=True)
        self.authority = Authority(postern, f"{folder}/ca", "Interop CA")
        self.alice = self.authority.client("alice@example.org")
        self._server_certificate = self.authority.server()
        stored = subprocess.run(
            [postern, "password"], input=PASSWORD, capture_output=True, text=True, check=True).stdout.strip()
        accounts = "".join(
            f'  {name}:\n    addresses: [{name}@example.org]\n    password: "{stored}"\n' for name in ("bob", "alice"))
        if trust == "pin":
            accounts += f"    keys: ['{pin(self.alice.certificate)}']\n"
        with open(f"{folder}/accounts.yaml", "w") as file:
            file.write(f"accounts:\n{accounts}")
        os.mkdir(f"{folder}/mail")

    @property
    def mail(self):
        """The folder of the Maildirs."""
        return f"{self.folder}/mail"

    def server(
            self, listeners, limits=None, next_hop=None, wrapper=(), hostname="mail.example.org", schedule=None,
            routes=()):
        """A server, not yet started.

        listeners: settings by name, such as {"tls": "starttls", "policy": "both"}; the system picks all ports. They listen
        on 127.0.0.1, or where "address" says; with None there, where Postern listens if nothing is said. routes: each as a
        map of the configuration."""
        path = f"{self.folder}/postern.yaml"
        with open(path, "w") as file:
            # The scripts come from one address, and are wrong on purpose.
            limits = {"password-failures": 10_000, **(limits or {})}
            file.write(self._configuration(
                listeners, {"limits": limits, "schedule": schedule}, next_hop or f"maildir:{self.mail}", hostname, routes))
        return Server(self.postern, path, listeners, wrapper)

    def _configuration(self, listeners, sections, next_hop, hostname, routes):
        lines = [
            f"hostname: {hostname}", f"state: {self.folder}/state",
            f"tls: {{ certificate: {self._server_certificate.certificate}, key: {self._server_certificate.key} }}",
            f"accounts: {self.folder}/accounts.yaml", f"next-hop: {next_hop}", "listeners:"]
        if self._trust == "authority":
            authority = f"{{ file: {self.authority.certificate}, domains: [example.org] }}"
            lines.insert(3, f"client-certificates: {{ authorities: [{authority}] }}")
        for name, settings in listeners.items():
            settings = {"address": "127.0.0.1", "port": 0, **settings}
            written = ", ".join(f"{key}: {value}" for key, value in settings.items() if value is not None)
            lines.append(f"  {name}: {{ {written} }}")
        if routes:
            lines.append("routes:")
            lines += [f"  - {route}" for route in routes]
        for name, settings in sections.items():
            if settings:
                lines.append(f"{name}:")
                lines += [f"  {key}: {value}" for key, value in settings.items()]
        return "\n".join(lines) + "\n"
