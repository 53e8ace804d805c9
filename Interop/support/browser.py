"""Chromium without a window, told what to do over a pipe (the DevTools protocol)."""
import base64
import json
import os
import subprocess

from .machine import ROOT
from .rows import Unexpected

PROGRAM = "/usr/lib/chromium/chromium"
OPTIONS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--user-data-dir=/tmp/chromium", "--remote-debugging-pipe"]


class Browser:
    """One page in a browser on a machine. A context manager."""

    def __init__(self):
        read, self._write = os.pipe()
        self._read, write = os.pipe()
        # The browser reads from 3 and writes to 4.
        command = ["chroot", ROOT, "sh", "-c", f"exec {PROGRAM} {' '.join(OPTIONS)} about:blank 3<&{read} 4>&{write}"]
        with open("/srv/browser", "ab") as output:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, pass_fds=(read, write),
                env={"HOME": "/tmp", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        os.close(read)
        os.close(write)
        self._input, self._number, self.events, self._session = b"", 0, [], None
        target = next(it for it in self.say("Target.getTargets")["targetInfos"] if it["type"] == "page")
        self._session = self.say("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log"):
            self.say(f"{domain}.enable")

    def say(self, method, **parameters):
        """Returns the answer; what happens meanwhile is kept in `events`."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            message = self._message()
            if message.get("id") == self._number:
                if "error" in message:
                    raise Unexpected(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def _message(self):
        while b"\0" not in self._input:
            octets = os.read(self._read, 1 << 16)
            if not octets:
                raise Unexpected("the browser has ended")
            self._input += octets
        message, self._input = self._input.split(b"\0", 1)
        return json.loads(message)

    def open(self, url, width, height, is_phone):
        """Shows a page, and returns when it is loaded."""
        self.say("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=is_phone)
        self.events.clear()
        self.say("Page.navigate", url=url)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._message())

    def value(self, expression):
        result = self.say("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            raise Unexpected(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.say("Page.captureScreenshot", captureBeyondViewport=True)["data"]))

    def requests(self):
        """The addresses that the page has asked for."""
        return [
            event["params"]["request"]["url"] for event in self.events
            if event.get("method") == "Network.requestWillBeSent"]

    def complaints(self):
        return [event["params"]["entry"]["text"] for event in self.events if event.get("method") == "Log.entryAdded"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
