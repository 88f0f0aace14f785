# The tutorial's client without its prompt and its print: for each line COUNT of the input, so many messages, each acked. With
# "fresh" each message has a connected socket of its own.
import socket
import sys
import time

server = ("127.0.0.1", int(sys.argv[1]))
client_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def run(messages):
    for message in messages:
        client_socket.sendto(message.encode(), server)
        response, server_address = client_socket.recvfrom(1024)
        response.decode()


def run_fresh(messages):
    for message in messages:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
            own.connect(server)
            own.settimeout(2)
            own.send(message.encode())
            own.recv(1024).decode()


print("ready", flush=True)
for line in sys.stdin:
    messages = [str(i) for i in range(1, int(line) + 1)]
    start = time.perf_counter()
    (run_fresh if "fresh" in sys.argv else run)(messages)
    print("seconds", time.perf_counter() - start, flush=True)
