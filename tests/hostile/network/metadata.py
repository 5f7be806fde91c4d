# Asks the addresses at which clouds hand out credentials.
# status: exited
import urllib.request

from hostile import held, refused


def ask(url):
    return urllib.request.urlopen(url, timeout=0.3).read(100)


for url in (
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.170.2/v2/credentials",
    "http://100.100.100.200/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/meta-data/",
):
    refused(url, ask, url)
held()
