"""SCRAM-SHA-256 (RFC 5802, RFC 7677) as a server speaks it behind SMTP's AUTH."""
import base64
import hashlib
import hmac
import os

ROUNDS = 4_096


def encoded(octets):
    return base64.b64encode(octets).decode()


def digest(key, text):
    return hmac.new(key, text.encode(), "sha256").digest()


def server(name, password, is_honest=True):
    """An answer of a sink to AUTH. One that is not honest does not know the password, and takes any."""
    def answer(connection, line):
        bare = base64.b64decode(line.split()[-1]).decode().removeprefix("n,,")
        user, nonce = (field[2:] for field in bare.split(","))
        nonce += encoded(os.urandom(9))
        salt = os.urandom(16)
        first = f"r={nonce},s={encoded(salt)},i={ROUNDS}"
        connection.say(f"334 {encoded(first.encode())}")
        final = base64.b64decode(connection.line()).decode()
        unproved, proof = final.rsplit(",p=", 1)
        transcript = f"{bare},{first},{unproved}"
        salted = hashlib.pbkdf2_hmac("sha256", password.encode() if is_honest else b"?", salt, ROUNDS)
        client_key = digest(salted, "Client Key")
        signature = digest(hashlib.sha256(client_key).digest(), transcript)
        is_right = bytes(a ^ b for a, b in zip(base64.b64decode(proof), signature)) == client_key
        if is_honest and (user != name or unproved != f"c=biws,r={nonce}" or not is_right):
            return "535 5.7.8 no"
        connection.say(f"334 {encoded(b'v=' + encoded(digest(digest(salted, 'Server Key'), transcript)).encode())}")
        return "235 2.7.0 ok" if connection.line() == "" else "501 5.5.2 no"
    return answer
