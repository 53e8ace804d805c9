"""Python's aiosmtpd as a submission server: it knows passwords, and no client certificates."""
import os
import socket
import sys

from .machine import PACKAGES
from .rows import Unexpected
from .site import PASSWORD
from .sink import server_context

FOLDER = f"{PACKAGES}/aiosmtpd/usr/lib/python3/dist-packages"


class AiosmtpdServer:
    """Listens on a port that the system picks; `messages` is what was delivered."""

    def __init__(self, credential, start):
        if not os.path.isdir(FOLDER):
            raise Unexpected(f"{FOLDER} is not there: run Scripts/install-packages test")
        sys.path.append(FOLDER)
        import aiosmtpd
        from aiosmtpd.controller import Controller
        from aiosmtpd.smtp import SMTP, AuthResult

        self.version, self.messages = aiosmtpd.__version__, []
        context, messages = server_context(credential), self.messages

        class Keeper:
            async def handle_DATA(self, server, session, envelope):
                messages.append(envelope)
                return "250 ok"

        class Submission(Controller):
            def factory(self):
                is_starttls = start == "starttls"
                tls = {"tls_context": context} if is_starttls else {}
                return SMTP(
                    self.handler, hostname="aiosmtpd.test", auth_required=True, auth_require_tls=is_starttls,
                    authenticator=lambda *words: AuthResult(success=words[-1].password == PASSWORD.encode()), **tls)

        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
        self._controller = Submission(
            Keeper(), hostname="127.0.0.1", port=self.port, ssl_context=context if start == "implicit" else None)
        self._controller.start()

    def stop(self):
        self._controller.stop()
