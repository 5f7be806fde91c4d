# Uses what programs need: pairs of sockets and asyncio.
# status: exited
import asyncio
import socket

from hostile import held

left, right = socket.socketpair()
left.send(b"x")
if right.recv(1) != b"x":
    print("ESCAPED a pair does not work")


async def main():
    reading = asyncio.create_subprocess_exec("/usr/bin/env", stdout=asyncio.subprocess.DEVNULL)
    await asyncio.gather(asyncio.sleep(0), reading)


asyncio.run(main())
held()
