"""HTTP over the control socket of a running server."""
import http.client
import json
import socket
import time


class ControlConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("postern")
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self._path)


def reload(state):
    """What the server says to a reload: its status, and the answer as it is in JSON."""
    connection = ControlConnection(f"{state}/control.sock")
    connection.request("POST", "/reload", headers={"Accept": "application/json"})
    reply = connection.getresponse()
    return reply.status, json.loads(reply.read())


def _opened(state):
    """A connection to a server that may have just begun: its listeners may be there before its control socket."""
    end = time.monotonic() + 20
    while True:
        connection = ControlConnection(f"{state}/control.sock")
        try:
            connection.connect()
            return connection
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def queue(state):
    """The messages of the queue, as they are in JSON."""
    connection = _opened(state)
    connection.request("GET", "/queue", headers={"Accept": "application/json"})
    return [json.loads(line) for line in connection.getresponse().read().splitlines()]


def release(state, queue_id):
    """How many recipients a release lets go."""
    connection = _opened(state)
    connection.request(
        "POST", "/queue/release", body=json.dumps({"ids": [queue_id]}), headers={"Accept": "application/json"})
    return json.loads(connection.getresponse().read())["recipients"]


def metric(state, name):
    """The value of a metric without labels."""
    connection = ControlConnection(f"{state}/control.sock")
    connection.request("GET", "/metrics")
    lines = connection.getresponse().read().decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))
