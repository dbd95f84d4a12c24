"""Clients as people use them: they offer to go on in another protocol, and send many requests on a connection."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import DEADLINE, Running, serving

BODY = '{"email": "ann@example.com", "password": "Passw0rd!"}'
SIGN_IN = "/api/v1/user/signin"


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with serving("--memory") as running:
        yield running


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_curl_that_offers_http2_with_each_request_gets_each_answered(server: Running) -> None:
    one = ["--http2", "-s", "-w", "%{http_code}\n", "-o", "/dev/null", "-H", "Content-Type: application/json"]
    one += ["-d", BODY, f"{server.url}{SIGN_IN}"]
    command = ["curl", *one, *(["--next", *one] * 3)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert run.stdout.split() == ["200"] * 4


JAVA = """
import java.net.URI;
import java.net.http.*;

public class Client {
    public static void main(String[] arguments) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        for (int number = 0; number < 200; number++) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(arguments[0]))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(arguments[1])).build();
            System.out.println(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode());
        }
    }
}
"""


@pytest.mark.skipif(shutil.which("java") is None, reason="there is no Java")
def test_javas_client_as_it_comes_gets_200_of_200(server: Running, tmp_path: Path) -> None:
    (tmp_path / "Client.java").write_text(JAVA)
    command = ["java", "-XX:TieredStopAtLevel=1", "Client.java", f"{server.url}{SIGN_IN}", BODY]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=6 * DEADLINE, check=False)
    if run.returncode and not run.stdout:
        pytest.skip(f"Java cannot be used here: {run.stderr[:200]}")
    assert Counter(run.stdout.split()) == {"200": 200}, run.stderr


def test_a_request_that_says_what_it_is_not_is_answered_for_what_it_is(server: Running) -> None:
    connection = server.connection()
    for _ in range(3):
        headers = {"Content-Type": "application/json", "Connection": "Upgrade", "Upgrade": "websocket"}
        connection.request("POST", SIGN_IN, BODY, headers)
        response = connection.getresponse()
        assert (response.status, json.loads(response.read())) == (200, {"msg": "Logged in successfully"})
    connection.close()
