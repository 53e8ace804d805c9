"""What the interoperability tests share: a site to serve, its server, certificates, a dialogue, and rows of expectations."""
