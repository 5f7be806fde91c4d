# Resolves names.
# status: exited
import socket

from hostile import held, refused

for name in ("example.com", "localhost.localdomain", "metadata.google.internal", "kubernetes.default.svc"):
    refused(name, socket.getaddrinfo, name, 80)
held()
