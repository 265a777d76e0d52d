"""Novo SGA's interface as a double: statuses, bodies and quirks as its source has them.

Read in the branch v2.2 of novosga/novosga (commit e683e6b, files under ``src/``), with Doctrine ORM
3.3.0 of its ``composer.lock``; not recorded from a running Novo SGA. No code of it is here.

* ``Controller/Api/TriagemController.php``: ``POST /api/distribui``; ``metadata`` is dropped.
* ``Service/AtendimentoService.php``, ``distribuiSenha``, ``getClienteValido``: checks, their order,
  the client that is found by its ``documento``; the hub is told after the commit.
* ``Infrastructure/Storage/RelationalStorage.php``: ``distribui`` gives the counter's value and
  raises it by ``incremento``; ``acumularAtendimentos`` is the reset.
* ``Controller/Api/ApiCrudController.php``, ``search``: ``q``, ``sort``, ``order``; 25 entries, and
  500 for a ``limit`` or without ``q`` (strict types).
* ``Controller/Api/UnidadesController.php``: ``servicos`` (active ones), ``atendimentos`` (all).
* ``EventListener/JsonExceptionListener.php``: an exception is ``{"code", "error", "detail"}``.
* ``tests/Controller/Api/OAuthTokenTest.php``: the answers of ``/api/token``.

``refusals``: "500" as the source of 2.2 answers, "200" as its controller intends, "422" as a later
controller answers (201 for a ticket).
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

UNIT = 3
CLIENT, SECRET, USER, PASSWORD = "a" * 32, "b" * 128, "kiosk", "p:4 :ss"
SECRETS = f"{CLIENT}:{SECRET}:{USER}:{PASSWORD.replace(' ', '_')}"
SHORT = 25


class NovoSgaDouble:
    """A Novo SGA with one unit on loopback. ``services``: name and sigla of each."""

    def __init__(self, **services: str) -> None:
        self.services: list[dict[str, Any]] = [
            {
                "sigla": sigla,
                "peso": 1,
                "servico": {"id": n, "nome": name, "peso": 1, "ativo": True, "macro": None},
                "departamento": None,
                "ativo": True,
                "tipo": 1,
                "mensagem": "",
                "numeroInicial": 1,
                "numeroFinal": None,
                "incremento": 1,
                "maximo": None,
            }
            for n, (name, sigla) in enumerate(services.items(), 11)
        ]
        self.tickets: list[dict[str, Any]] = []
        self.history: list[dict[str, Any]] = []
        self.clients: dict[str, dict[str, Any]] = {}
        self.posted: list[dict[str, Any]] = []
        self.now = "2026-11-24T09:00:00"
        self.refusals = "500"
        self.hub_down = False
        self.logins = 0
        self.token_path = "/api/token"
        self.expires_in = 3600
        self._valid: set[str] = set()
        self._counters = {one["servico"]["id"]: 1 for one in self.services}
        self._ids = 1000
        self._lock = threading.Lock()
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with double._lock:
                    status, said = double._say(self.command, self.path, body, self.headers)
                html = isinstance(said, str)
                data = said.encode() if html else json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/html" if html else "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815  names of http.server

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    # ── what people do at Novo SGA ───────────────────────────────────────────────────────

    def reset(self) -> None:
        """An administrator resets the numbers."""
        with self._lock:
            self.history += self.tickets
            self.tickets = []
            self._counters = dict.fromkeys(self._counters, 1)

    def expire(self) -> None:
        """All logins end."""
        self._valid.clear()

    def triage(self, service: str) -> str:
        """Somebody at the reception makes a ticket; returns its senha."""
        with self._lock:
            offer = next(one for one in self.services if one["servico"]["nome"] == service)
            return str(self._make(offer, None)["senha"]["format"])

    # ── the interface ────────────────────────────────────────────────────────────────────

    def _say(self, method: str, target: str, body: bytes, headers: Any) -> tuple[int, Any]:
        url = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path in ("/api/token", "/oauth2/token"):
            return self._login(method, url.path, body)
        if headers.get("Authorization", "").removeprefix("Bearer ") not in self._valid:
            return 401, {"code": 401, "error": "The resource owner denied.", "detail": None}
        if (method, url.path) == ("POST", "/api/distribui"):
            return self._distribui(json.loads(body))
        if method != "GET":
            return 405, {"code": 405, "error": "Method Not Allowed", "detail": None}
        if url.path == f"/api/unidades/{UNIT}/servicos":
            return 200, [one for one in self.services if one["ativo"]]
        if url.path == f"/api/unidades/{UNIT}/atendimentos":
            return 200, self.tickets
        found = {
            "/api/atendimentos": self.tickets,
            "/api/atendimentoshistorico": self.history,
            "/api/prioridades": [
                {"id": 1, "nome": "Normal", "descricao": "", "peso": 0, "ativo": True},
                {"id": 2, "nome": "Prioridade", "descricao": "", "peso": 10, "ativo": True},
            ],
        }.get(url.path)
        if found is None:
            return 404, {"code": 404, "error": f'No route found for "GET {url.path}"'}
        return self._search(found, query)

    def _search(self, found: list[dict[str, Any]], query: dict[str, str]) -> tuple[int, Any]:
        if "q" not in query or "limit" in query or "offset" in query:
            return 500, {"code": 500, "error": "TypeError: must be of type ?int", "detail": None}
        field, _, value = unquote(query["q"]).partition(":")
        if field == "peso":
            found = [one for one in found if one["peso"] == int(value)]
        else:
            assert (field, value) == ("unidade", str(UNIT))
        down = query.get("order") == "desc"
        return 200, sorted(found, key=lambda one: int(one[query["sort"]]), reverse=down)[:SHORT]

    def _login(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        if path != self.token_path:
            return 404, "<html>No route found</html>"
        if method != "POST":
            return 405, "<html>Method Not Allowed</html>"
        asked = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if (asked.get("client_id"), asked.get("client_secret")) != (CLIENT, SECRET):
            why = "Client authentication failed"
            said = {"error": "invalid_client", "error_description": why, "message": why}
            return 401, said
        if [asked.get("username"), asked.get("password")] != SECRETS.split(":", 3)[2:]:
            why = "The user credentials were incorrect."
            return 400, {"error": "invalid_grant", "error_description": why, "message": why}
        assert asked["grant_type"] == "password"
        self.logins += 1
        token = f"eyJ0eXAi.{self.logins}.signature"
        self._valid.add(token)
        return 200, {
            "token_type": "Bearer",
            "expires_in": self.expires_in,
            "access_token": token,
            "refresh_token": "def50200",
        }

    def _distribui(self, asked: dict[str, Any]) -> tuple[int, Any]:
        self.posted.append(asked)
        offer = next((o for o in self.services if o["servico"]["id"] == asked["servico"]), None)
        if asked["unidade"] != UNIT:
            return self._refuse("Unidade inválida")
        if asked["prioridade"] not in (1, 2):
            return self._refuse("Prioridade inválida")
        if offer is None or not offer["ativo"]:
            return self._refuse("Serviço não disponível na unidade atual")
        of_service = [o for o in self.tickets if o["servico"]["id"] == asked["servico"]]
        if offer["maximo"] and len(of_service) >= offer["maximo"]:
            return self._refuse("Quantidade máxima de senhas atingida")
        made = self._make(offer, asked.get("cliente"))
        if self.hub_down:
            return 500, {"code": 500, "error": "Failed to send an update.", "detail": None}
        return (201 if self.refusals == "422" else 200), made

    def _refuse(self, why: str) -> tuple[int, Any]:
        if self.refusals == "500":
            return 500, {"code": 500, "error": why, "detail": None}
        return int(self.refusals), {"error": why}

    def _make(self, offer: dict[str, Any], client: dict[str, Any] | None) -> dict[str, Any]:
        service, value = offer["servico"], self._counters[offer["servico"]["id"]]
        after = value + offer["incremento"]
        if offer["numeroFinal"] and after > offer["numeroFinal"]:
            after = offer["numeroInicial"]
        self._counters[service["id"]] = after
        if client is not None:
            assert set(client) <= {"nome", "documento"}
            assert len(client["nome"]) <= 60
            assert len(client["documento"]) <= 30
            fresh = {"id": len(self.clients) + 1, "email": None, "telefone": None, **client}
            client = self.clients.setdefault(client["documento"], fresh)
        self._ids += 1
        made = {
            "id": self._ids,
            "senha": {
                "sigla": offer["sigla"],
                "numero": value,
                "format": f"{offer['sigla']}{value:03d}",
            },
            "servico": {"id": service["id"], "nome": service["nome"]},
            "observacao": None,
            "dataChegada": self.now,
            "dataChamada": None,
            "status": "emitida",
            "cliente": client,
            "triagem": USER,
            "hash": "0" * 40,
        }
        self.tickets.append(made)
        return made
