"""The servers that are measured, one to a file, each set to the same work: mail of one port, by STARTTLS alone, accepted
by the client's certificate, to a next hop or to nowhere, with its queue on the same disk."""
from .exim import Exim
from .ideal import Ideal
from .postern import Postern
from .postfix import Postfix

PEERS = [Postern, Postfix, Exim, Ideal]
