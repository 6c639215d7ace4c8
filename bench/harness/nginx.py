"""nginx as the peers' common target: one worker, a fixed answer, an exact count of requests."""

import pathlib
import re
import tempfile

from harness.certificate import make_certificate
from harness.processes import TARGET_CORE, Daemon, answers, fetch, free_port, need

CONFIG = """
daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid {directory}/pid;
error_log stderr error;
events {{ worker_connections 12000; }}
http {{
  access_log off;
  default_type text/plain;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    listen 127.0.0.1:{tls_port} ssl backlog=4096;
    ssl_certificate {directory}/cert.pem;
    ssl_certificate_key {directory}/key.pem;
    location / {{ return 200 "PONG"; }}
    location = /stub_status {{ stub_status; }}
  }}
}}
"""


class Nginx(Daemon):
    def __init__(self):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self._directory = tempfile.TemporaryDirectory(prefix="loadfleet-nginx-")
        self.tls_port = free_port()
        self.tls_url = f"https://127.0.0.1:{self.tls_port}/"
        self._questions = 0
        self._seen = 0
        make_certificate(pathlib.Path(self._directory.name))
        config = pathlib.Path(self._directory.name) / "nginx.conf"
        config.write_text(CONFIG.format(
            directory=self._directory.name, port=self.port, tls_port=self.tls_port))
        super().__init__(
            [need("nginx"), "-c", config, "-p", self._directory.name, "-e", "stderr"], TARGET_CORE
        )

    def wait_until_ready(self):
        self.wait_until("nginx listens", lambda: answers(self.port))

    def __exit__(self, *details):
        super().__exit__(*details)
        self._directory.cleanup()

    def counted(self, _reported):
        """Requests received since the last call, whatever the generator says."""
        seen, self._seen = self._seen, self.requests()
        return self._seen - seen

    def requests(self):
        """Requests received since the start, without those that asked for this number."""
        text = fetch(self.url + "stub_status")
        self._questions += 1
        accepts_handled_requests = re.search(r"^ (\d+) (\d+) (\d+) $", text, re.MULTILINE)
        return int(accepts_handled_requests.group(3)) - self._questions
