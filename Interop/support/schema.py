"""Checks a value against a JSON schema, as far as docs/ uses the language."""
import json
import os
import re

from .rows import expect

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs")
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
KNOWN = {
    "$schema", "title", "description", "type", "properties", "required", "additionalProperties", "items", "enum", "const",
    "pattern", "maximum"}


def load(name):
    with open(f"{DOCS}/{name}") as file:
        return json.load(file)


def check(value, schema, path="$"):
    unknown = set(schema) - KNOWN
    expect(not unknown, f"the schema says {unknown}, which nobody checks")
    if "const" in schema:
        expect(value == schema["const"], f"{path}: expected {schema['const']}, found {value}")
    if "enum" in schema:
        expect(value in schema["enum"], f"{path}: {value} is none of {schema['enum']}")
    if "type" in schema:
        kind = TYPES[schema["type"]]
        expect(isinstance(value, kind) and (kind is bool or not isinstance(value, bool)), f"{path}: no {schema['type']}: {value}")
    if "pattern" in schema:
        expect(re.search(schema["pattern"], value), f"{path}: {value} is not as {schema['pattern']}")
    if "maximum" in schema:
        expect(value <= schema["maximum"], f"{path}: {value} is more than {schema['maximum']}")
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        missing = set(schema.get("required", [])) - set(value)
        expect(not missing, f"{path}: {missing} is missing")
        expect(schema.get("additionalProperties", True) or set(value) <= set(properties), f"{path}: {set(value) - set(properties)} is not in the schema")
        for name, it in value.items():
            if name in properties:
                check(it, properties[name], f"{path}.{name}")
    if isinstance(value, list) and "items" in schema:
        for number, it in enumerate(value):
            check(it, schema["items"], f"{path}[{number}]")
