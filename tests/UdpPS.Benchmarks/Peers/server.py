# The tutorial's server on a free port, as if its output went to /dev/null.
import os
import signal
import socket
import sys

server_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server_socket.bind(("127.0.0.1", 0))
print("port", server_socket.getsockname()[1], flush=True)
sys.stdout = open(os.devnull, "w")

# A process of its own waits for the end of the input, and ends the server then.
server = os.getpid()
if os.fork() == 0:
    while os.read(0, 1):
        pass
    if os.getppid() == server:
        os.kill(server, signal.SIGKILL)
    os._exit(0)

while True:
    message, client_address = server_socket.recvfrom(1024)
    print(f"Connection from {client_address}")
    print(f"Message from client: {message.decode()}")

    ack_message = "Message received"
    server_socket.sendto(ack_message.encode(), client_address)
    print(f"Acknowledgment sent to {client_address}")
