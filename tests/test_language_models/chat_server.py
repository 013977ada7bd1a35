"""A real HTTP server on this machine that speaks OpenAI's chat schema, or misbehaves as told."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def completion(text):
    return {"id": "1", "object": "chat.completion", "choices": [{"index": 0, "message": {"content": text}}]}


class ChatServer(ThreadingHTTPServer):
    """`respond(question, nth)` gives (status, body, headers); nth counts the requests for that question from 0.

    A body is text, what becomes JSON, or an iterator of bytes, which are sent one after the other.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, respond, delay=0.0):
        super().__init__(("127.0.0.1", 0), Handler)
        self.respond, self.delay = respond, delay
        self.asked, self.answered, self.times, self.bodies, self.keys = [], [], [], [], []
        self.busy = self.most_busy = 0
        self.guard = threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request, client_address):
        """A client that gave up is no news."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        server = self.server
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        question = body["messages"][-1]["content"]
        with server.guard:
            nth = server.asked.count(question)
            server.asked.append(question)
            server.times.append(time.monotonic())
            server.bodies.append(body)
            server.keys.append(self.headers["Authorization"])
            server.busy += 1
            server.most_busy = max(server.most_busy, server.busy)
        try:
            status, reply, headers = server.respond(question, nth)
            time.sleep(server.delay)
            self.reply(status, reply, headers)
        finally:
            with server.guard:
                server.busy -= 1
        with server.guard:
            server.answered.append(question)

    def reply(self, status, reply, headers):
        if isinstance(reply, Iterator):
            pieces, length = reply, {"Connection": "close"}
        else:
            pieces = [reply.encode() if isinstance(reply, str) else json.dumps(reply).encode()]
            length = {"Content-Length": len(pieces[0])}
        self.send_response(status)
        for key, value in {"Content-Type": "application/json", **length, **headers}.items():
            self.send_header(key, str(value))
        self.end_headers()
        for piece in pieces:
            self.wfile.write(piece)

    def log_message(self, *args):
        pass


@contextmanager
def chat_server(respond, delay=0.0):
    server = ChatServer(respond, delay)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
