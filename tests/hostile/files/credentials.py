# Looks for credentials where services keep them.
# status: exited
import os

from hostile import held

for path in ("/run/secrets", "/var/run/secrets/kubernetes.io/serviceaccount/token", "/root/.aws/credentials",
             "/root/.docker/config.json", "/root/.netrc", "/root/.npmrc", "/root/.config", "/etc/kubernetes",
             os.path.expanduser("~/.ssh"), os.path.expanduser("~/.cache"), os.path.expanduser("~/.config")):
    if os.path.exists(path):
        print("ESCAPED", path)
held()
