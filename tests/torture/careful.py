"""A careful client of Flowtask and its tests, as text: the base of all clients that are tortured here."""

from __future__ import annotations

CLIENT = '''
    """A client that survives what a server and a network do."""

    import time

    import requests

    REPEATABLE = ("GET", "PUT", "PATCH")


    class FlowtaskError(Exception):
        """What a caller has to expect."""


    class NoAnswer(FlowtaskError):
        """Nobody knows whether it was done."""


    class Refused(FlowtaskError):
        """A clear no, and it was not done."""

        def __init__(self, status, message):
            super().__init__(f"{status} {message}")
            self.status = status


    class Careful:
        tries = 4
        timeout = 1.0

        def __init__(self, url):
            self.url = url
            self.http = requests.Session()
            self.known = None

        # -- what callers use

        def sign_in(self, email, password):
            self.known = (email, password)
            self.repeat("POST", "/v1/user/signin", {"email": email, "password": password})

        def sign_out(self):
            try:
                self.repeat("POST", "/v1/user/logout", again=False)
            except Refused as error:
                if error.status != 401:  # there is no session any more, which is what was wanted
                    raise
            self.known = None

        def sign_up(self, email, code, password):
            body = {"email": email, "code": code, "password": password}
            try:
                self.when_let("POST", "/v1/user/signup/verify", body)
            except NoAnswer:
                try:
                    self.sign_in(email, password)
                except Refused:
                    self.when_let("POST", "/v1/user/signup/verify", body)
            self.known = (email, password)

        def ask_for_code(self, email):
            self.repeat("POST", "/v1/user/signup/send-otp", {"email": email})

        def tasks(self):
            return self.repeat("GET", "/v2/todo")["todos"]

        def add(self, title, **fields):
            before = {task["id"] for task in self.tasks()}

            def find():
                new = [task for task in self.tasks() if task["title"] == title and task["id"] not in before]
                return new[0] if new else None

            return self.make("/v2/todo", {"title": title, **fields}, "todo", find)

        def add_tag(self, name):
            def find():
                found = self.repeat("GET", "/v2/tag")["tags"]
                return next((tag for tag in found if tag["name"] == name), None)

            return self.make("/v2/tag", {"name": name, "color": "blue"}, "tag", find)

        def change(self, task_id, **fields):
            return self.repeat("PATCH", f"/v2/todo/{task_id}", fields)["todo"]

        def delete(self, task_id):
            path, tried = f"/v2/todo/{task_id}", False
            for _ in range(self.tries):
                try:
                    self.when_let("DELETE", path)
                    return
                except NoAnswer:
                    tried = True
                except Refused as error:
                    if not (tried and error.status == 404):
                        raise
                    return
            raise NoAnswer(path)

        # -- how

        def make(self, path, body, name, find):
            """Make something once: look for it before trying again."""
            for attempt in range(self.tries):
                if attempt:
                    self.pause(attempt)
                    found = find()
                    if found is not None:
                        return found
                try:
                    return self.when_let("POST", path, body)[name]
                except NoAnswer as error:
                    last = error
            raise last

        def repeat(self, method, path, body=None, again=True):
            """What may be done twice."""
            for attempt in range(self.tries):
                if attempt:
                    self.pause(attempt)
                try:
                    return self.when_let(method, path, body, again)
                except NoAnswer as error:
                    last = error
            raise last

        def when_let(self, method, path, body=None, again=True):
            """Wait as long as a refusal says."""
            for _ in range(self.tries):
                answer = self.signed_in(method, path, body, again)
                if answer.status_code not in (429, 503):
                    return self.read(answer)
                self.wait(float(answer.headers.get("Retry-After", "0.1")))
            raise Refused(answer.status_code, "in vain")

        def signed_in(self, method, path, body, again):
            answer = self.send(method, path, body)
            if answer.status_code == 401 and self.known and again and path != "/v1/user/signin":
                self.sign_in(*self.known)
                answer = self.send(method, path, body)
            return answer

        def send(self, method, path, body):
            try:
                return self.http.request(method, f"{self.url}/api{path}", json=body, timeout=self.timeout)
            except requests.RequestException as error:
                raise NoAnswer(str(error)) from error

        def read(self, answer):
            if answer.status_code >= 500:
                raise NoAnswer(f"status {answer.status_code}")
            try:
                found = answer.json()
            except ValueError as error:
                raise NoAnswer("no JSON") from error
            if answer.status_code >= 400:
                raise Refused(answer.status_code, found["message"])
            return found

        def pause(self, attempt):
            time.sleep(0.05 * 2**attempt)

        def wait(self, seconds):
            time.sleep(seconds)
'''

TESTS = """
    import pytest
    from careful import FlowtaskError
    from client import Client


    @pytest.fixture
    def client(mockflow):
        client = Client(mockflow.url)
        client.sign_in("demo@flowtask.test", "Passw0rd!")
        return client


    def titled(client, title):
        return [task for task in client.tasks() if task["title"] == title]


    def test_it_lists(client):
        assert "Dentist" in [task["title"] for task in client.tasks()]


    def test_it_adds(client):
        assert client.add("Buy milk")["title"] == "Buy milk"
        assert len(titled(client, "Buy milk")) == 1


    def test_it_adds_two_of_the_same(client):
        client.add("Buy eggs", priority="high")
        client.add("Buy eggs", priority="high")
        assert len(titled(client, "Buy eggs")) == 2


    def test_it_completes(client):
        task = client.add("Buy bread")
        client.change(task["id"], completed=True)


    def test_it_deletes(client):
        for task in titled(client, "Dentist"):
            client.delete(task["id"])
        assert not titled(client, "Dentist")


    def test_it_makes_a_tag(client):
        tag = client.add_tag("garden")
        client.add("Water the plants", tags=[tag["id"]])


    def test_it_signs_out(client):
        client.sign_out()


    def test_it_signs_up(mockflow):
        client = Client(mockflow.url)
        client.ask_for_code("new@example.com")
        client.sign_up("new@example.com", mockflow.outbox.code_for("new@example.com"), "correct horse")
        client.add("The first")


    def test_what_is_refused(client):
        with pytest.raises(FlowtaskError, match="400"):
            client.add(" ")
"""

LEAN = "from careful import Careful as Client\n"
"""The module `client` of the careful one."""
