"""A receiver of webhooks: verifies each message with the official library, answers 500 to every fifth, and says what it accepted.

Usage: webhook_receiver.py FILE, which has the secret. Lines on standard output: the port, then JSON."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

from standardwebhooks import Webhook, WebhookVerificationError

secret_file = sys.argv[1]
lock = Lock()
seen = 0


def say(line):
    with lock:
        print(line, flush=True)


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        global seen
        body = self.rfile.read(int(self.headers["content-length"]))
        with open(secret_file, encoding="utf-8") as file:
            secret = file.read().strip()
        with lock:
            seen += 1
            refuse = seen % 5 == 0
        line = {"id": self.headers["webhook-id"], "path": self.path}
        try:
            line["message"] = Webhook(secret).verify(body, dict(self.headers.items()))
        except WebhookVerificationError as error:
            line["error"] = str(error)
        self.send_response(500 if refuse else 200)
        self.send_header("content-length", "0")
        self.end_headers()
        if not refuse:
            say(json.dumps(line))

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


server = Server(("127.0.0.1", 0), Receiver)
say(str(server.server_address[1]))
server.serve_forever()
