"""Validates JSON documents: a request a line on stdin, an array of mistakes a line on stdout.

{"versions": true}                        -> versions of Kubernetes that there are schemas of
{"kubernetes": "1.30", "document": {…}}   -> judged by that version's own schema, unknown keys refused
{"schema": "file.json", "document": {…}}  -> judged by a JSON schema
"""

import json
import re
import sys
from pathlib import Path

import jsonschema
import kubernetes_validate


def versions():
    schemas = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
    found = {re.fullmatch(r"v(\d+)\.(\d+)\.\d+-local-strict", entry.name) for entry in schemas.iterdir()}
    return [f"{major}.{minor}" for major, minor in sorted((int(m[1]), int(m[2])) for m in found if m)]


def kubernetes(document, version):
    try:
        kubernetes_validate.validate(document, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return [f"{'.'.join(map(str, error.path))}: {error.message}"]
    except kubernetes_validate.SchemaNotFoundError as error:
        return [f"no schema: {error}"]
    return []


def by_schema(document, path):
    schema = json.loads(Path(path).read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    return [f"{'.'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(document)]


for line in sys.stdin:
    request = json.loads(line)
    if "versions" in request:
        answer = versions()
    elif "kubernetes" in request:
        answer = kubernetes(request["document"], request["kubernetes"])
    else:
        answer = by_schema(request["document"], request["schema"])
    print(json.dumps(answer), flush=True)
