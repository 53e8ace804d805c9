"""Instructions for a message, counted while a server runs in valgrind, by room."""
import json
import os
import re
import socket
import subprocess
import time

from support.site import Site

from .failure import Failure

PATIENCE = 120
"""Seconds for a start in valgrind, where everything takes fifty times as long."""
CONNECTIONS = 8
SIGSUSPEND = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sigsuspend.c")

ROOMS = [
    ("SQLite", re.compile(r"sqlite|GRDB")),
    ("TLS", re.compile(
        r"CNIOBoringSSL|NIOSSL|NIOTLS|bssl|^(SSL|BIO|EVP|CRYPTO|OPENSSL)_|aes_|gcm_|ghash|sha(1|256|512)_")),
    ("NIO", re.compile(r"^(NIO|CNIO|_NIO|Deque|Atomics|_Atomic|Collections|OrderedCollections|Logging)")),
    ("Swift's libraries", re.compile(
        r"^(swift|_swift|Foundation|_Concurrency|Synchronization|Dispatch|dispatch)|^std::|^operator ")),
]
"""What is no room of ours: by the name of its module, its function or its library; whichever fits first."""
REST = "other"


def count(programs, folder, messages):
    """Instructions for a message, by room."""
    output = f"{folder}/callgrind"
    postern, environment = _readable(f"{programs}/postern", folder)
    site = Site(f"{programs}/postern", f"{folder}/site")
    port = _free_port()
    site.server({"submission": {"tls": "starttls", "port": port}}, next_hop="discard:")
    with open(f"{folder}/words", "wb") as words:
        process = subprocess.Popen(
            ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={output}", "--instr-atstart=no", postern,
             "serve", "--config", f"{folder}/site/postern.yaml"], stdin=subprocess.DEVNULL, stdout=words, stderr=words,
            env=environment)
    try:
        _await(port, process, f"{folder}/words")
        load = [
            f"{programs}/postern-load", "submit", "--port", str(port), "--ca", site.authority.certificate,
            "--certificate", site.alice.certificate, "--key", site.alice.key, "--from", "alice@example.org", "--to",
            "bob@example.net", "--connections", str(CONNECTIONS), "--per-connection", str(messages)]
        _submit(load, 5 * CONNECTIONS)
        subprocess.run(["callgrind_control", "--instr=on", str(process.pid)], check=True, capture_output=True)
        _submit(load, messages)
        subprocess.run(["callgrind_control", "--instr=off", str(process.pid)], check=True, capture_output=True)
        process.terminate()
        process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait()
    with open(output, errors="replace") as file:
        return {room: round(found / messages) for room, found in by_room(file).items()}


def _readable(program, folder):
    """valgrind ends upon Swift's debug information. Returns a copy of the program without, and the environment in which
    it finds such copies of the libraries that do not come from the system's packages."""
    libraries = re.findall(r"=> (\S+)", subprocess.run(["ldd", program], capture_output=True, text=True).stdout)
    os.mkdir(f"{folder}/lib")
    copies = {library: f"{folder}/lib/{os.path.basename(library)}" for library in libraries
              if not library.startswith(("/lib", "/usr/lib"))}
    copies[program] = f"{folder}/postern"
    for source, copy in copies.items():
        subprocess.run(["strip", "--strip-debug", "-o", copy, source], check=True)
    preload = f"{folder}/lib/sigsuspend.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", preload, SIGSUSPEND], check=True)
    return copies[program], {**os.environ, "LD_LIBRARY_PATH": f"{folder}/lib", "LD_PRELOAD": preload}


def by_room(lines):
    """The instructions of each room, of callgrind's own format."""
    names, objects, found = {}, {}, {}
    room = place = REST
    lines = iter(lines)
    for line in lines:
        if line[0].isdigit() or line[0] in "+-*":
            found[room] = found.get(room, 0) + int(line.split()[1])
        elif line.startswith("calls="):
            # The costs of what is called stand with the called.
            next(lines)
        elif match := re.match(r"(c?)(fn|ob)=\((\d+)\)(?: (.*))?", line):
            called, kind, number, name = match.groups()
            table = names if kind == "fn" else objects
            if name:
                table[number] = name
            if kind == "ob" and not called:
                place = objects[number]
            elif kind == "fn" and not called:
                room = room_of(names[number], place)
    return found


def room_of(function, library):
    module = module_of(function)
    if module.startswith("Postern") or module == "postern":
        return module
    for room, pattern in ROOMS:
        if pattern.search(module):
            return room
    if "sqlite" in library:
        return "SQLite"
    return "libc" if re.search(r"/lib(c|m|pthread|gcc_s|stdc\+\+)[.-]|/ld-", library) else REST


def module_of(function):
    """The module of a function of Swift; the name of one of C as it is."""
    match = re.match(r"\$s(\d+)(.*)", function)
    if match:
        return match[2][:int(match[1])]
    return "swift" if function.startswith(("$s", "$S")) else function


def _submit(load, messages):
    result = subprocess.run([*load, "--messages", str(messages)], capture_output=True, text=True)
    if result.returncode != 0 or json.loads(result.stdout)["accepted"] != messages:
        raise Failure(f"the generator says {result.stdout} {result.stderr}")


def _free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _await(port, process, words):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            with open(words, errors="replace") as file:
                raise Failure(f"the server ended with {process.returncode}: {file.read()[-1_000:]}")
        try:
            with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
                client.recv(512)
                return
        except OSError:
            time.sleep(0.2)
    raise Failure(f"no greeting within {PATIENCE} s")
