"""h2o as the target of the HTTP/2 comparisons: one thread, a fixed answer, clear text and TLS."""

import pathlib
import tempfile

from harness.certificate import make_certificate
from harness.processes import TARGET_CORE, Daemon, answers, free_port, need

CONFIG = """
num-threads: 1
max-connections: 20000
http1-request-timeout: 600
http2-idle-timeout: 600
http2-max-concurrent-requests-per-connection: 256
hosts:
  default:
    paths:
      /:
        file.dir: {directory}/www
listen:
  host: 127.0.0.1
  port: {port}
listen:
  host: 127.0.0.1
  port: {tls_port}
  ssl:
    certificate-file: {directory}/cert.pem
    key-file: {directory}/key.pem
    ocsp-update-interval: 0
{user}
"""


class H2o(Daemon):
    """It counts no requests: what a generator says it had is taken for true here."""

    def __init__(self):
        self.port = free_port()
        self.tls_port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/index.html"
        self.tls_url = f"https://127.0.0.1:{self.tls_port}/index.html"
        self._directory = tempfile.TemporaryDirectory(prefix="loadfleet-h2o-")
        root = pathlib.Path(self._directory.name)
        make_certificate(root)
        (root / "www").mkdir()
        (root / "www/index.html").write_text("PONG")
        # As root it would take another user's rights, to whom the directory is closed.
        user = "user: root" if pathlib.Path.home() == pathlib.Path("/root") else ""
        config = root / "h2o.conf"
        config.write_text(CONFIG.format(
            directory=root, port=self.port, tls_port=self.tls_port, user=user))
        super().__init__([need("h2o"), "-c", config], TARGET_CORE)

    def wait_until_ready(self):
        self.wait_until("h2o listens", lambda: answers(self.port) and answers(self.tls_port))

    def __exit__(self, *details):
        super().__exit__(*details)
        self._directory.cleanup()

    def counted(self, reported):
        return reported
