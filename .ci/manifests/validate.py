"""Every manifest of this repository against the published schema of its kind, strictly: an unknown key fails.

    python .ci/manifests/validate.py

.ci/manifests/tools.sh makes a Python that has what this needs.

What there is: the files under docs/deploy/, the YAML blocks of README.md and docs/*.md, and
action.yml. Schemas are those that come with check-jsonschema (SchemaStore's, the Compose specification's)
and with kubernetes-validate (made from Kubernetes' own OpenAPI), so nothing is downloaded. In values for a chart it is
the containers, volumes and whole objects that are held to Kubernetes'; whether the chart has those keys, `helm
template` tells (docs/kubernetes.md).

Then each key of each manifest is misspelt in turn: that must be noticed, except where any name is right (labels,
variables, services). So the schemas are shown to be strict, and each manifest to be held to one.

The Dockerfile is read by hadolint, workflows also by actionlint, and each must find what is spoilt in a copy.
"""
import copy
import functools
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import check_jsonschema
import jsonschema
import kubernetes_validate
import yaml
from pre_commit import clientlib
from pre_commit.errors import FatalError

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The oldest that has podFailurePolicy in its final form, what is common, and the newest that kubernetes-validate has.
KUBERNETES = ["1.31", "1.34", "1.37"]
VENDORED = pathlib.Path(check_jsonschema.__file__).parent / "builtin_schemas" / "vendor"

# Where any key is right, by kind: the steps above it, from the end. () is the top.
FREE = {
    "kubernetes": [("labels",), ("annotations",), ("matchLabels",), ("requests",), ("limits",)],
    "service": [("labels",), ("spec", "selector")],
    "compose": [("services",), ("volumes",), ("secrets",), ("environment",), ("depends_on",)],
    "workflow": [("jobs",), ("env",), ("with",)],
    "action": [("inputs",), ("outputs",), ("env",), ("with",)],
    "gitlab": [()],
}


@functools.cache
def vendored(name):
    schema = json.loads((VENDORED / f"{name}.json").read_text())
    return jsonschema.validators.validator_for(schema)(schema)


def by_schema(name):
    def errors(document):
        return [f"{'.'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in vendored(name).iter_errors(document)]
    return errors


def names_meant(node):
    """What Kubernetes refuses and no schema can: a name that nothing in the manifest has."""
    if isinstance(node, list):
        return [error for one in node for error in names_meant(one)]
    if not isinstance(node, dict):
        return []
    found = [error for one in node.values() for error in names_meant(one)]
    if "containers" in node:
        volumes = {one["name"] for one in node.get("volumes", [])}
        for container in node["containers"] + node.get("initContainers", []):
            found += [f"no volume {mount['name']} for {container['name']}" for mount in container.get("volumeMounts", [])
                      if mount.get("name") not in volumes]
    if "podFailurePolicy" in node:
        containers = {one["name"] for one in node["template"]["spec"]["containers"]}
        found += [f"no container {rule['onExitCodes']['containerName']}" for rule in node["podFailurePolicy"]["rules"]
                  if rule.get("onExitCodes", {}).get("containerName", *containers) not in containers]
    return found


def kubernetes(document):
    found = []
    for version in KUBERNETES:
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            found.append(f"{version}: {'.'.join(map(str, error.path))}: {error.message[:200]}")
        except Exception as error:  # an unknown kind or version of an API
            found.append(f"{version}: {error}")
    return found or names_meant(document)


def pre_commit(document):
    """pre-commit's own reader; it takes keys that it does not know in silence, so they are looked for in its schema."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(document, file)
        file.flush()
        try:
            clientlib.load_config(file.name)
        except FatalError as error:
            return [str(error)[:300]]
    known = {item.key for item in clientlib.MANIFEST_HOOK_DICT.items if hasattr(item, "key")}
    return [f"{key}: not a key of a hook" for repo in document["repos"] for hook in repo["hooks"] for key in hook
            if key not in known]


def pod(containers, volumes):
    spec = {"containers": containers, **({"volumes": volumes} if volumes else {})}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "values"}, "spec": spec}


def in_values(values):
    """What stands in a chart's values, as Kubernetes will get it."""
    tracking = values.get("tracking", values)
    if tracking.get("initContainers"):
        yield pod(tracking["initContainers"], tracking.get("extraVolumes"))
    yield from values.get("extraDeploy", [])


KINDS = {
    "kubernetes": kubernetes,
    "service": kubernetes,
    "compose": by_schema("compose-spec"),
    "workflow": by_schema("github-workflows"),
    "action": by_schema("github-actions"),
    "gitlab": by_schema("gitlab-ci"),
    "config": pre_commit,
}


def parsed(text):
    # YAML 1.1 reads the `on:` of a workflow as true.
    return [{("on" if k is True else k): v for k, v in d.items()} if isinstance(d, dict) else d
            for d in yaml.safe_load_all(text) if d is not None]


def kind_of(document):
    """Told by what is in it; None: not for a tool of others (mltrack's own files are tested in test/check)."""
    if isinstance(document, list):
        return None
    if document.get("kind") == "Service":
        return "service"
    for kind, keys in (("kubernetes", {"apiVersion", "kind"}), ("compose", {"services"}), ("workflow", {"on", "jobs"}),
                       ("action", {"runs"}), ("config", {"repos"})):
        if keys <= document.keys():
            return kind
    if all(isinstance(one, dict) and "script" in one for one in document.values()):
        return "gitlab"
    return None


def written():
    """Place and text of each YAML block of README.md and docs/*.md."""
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = path.read_text()
        for match in re.finditer(r"^```ya?ml\n(.*?)^```", text, re.M | re.S):
            yield path, f"{path.relative_to(ROOT)}:{text[:match.start()].count(chr(10)) + 1}", match[1]


def manifests():
    for path in sorted((ROOT / "docs/deploy").rglob("*.yaml")):
        for document in parsed(path.read_text()):
            name = str(path.relative_to(ROOT))
            found = list(in_values(document)) if path.parent.name == "helm" else [document]
            if not found:
                yield name, None, document
            for one in found:
                yield name, kind_of(one), one
    for document in parsed((ROOT / "action.yml").read_text()):
        yield "action.yml", kind_of(document), document
    for path, name, text in written():
        for document in parsed(text):
            if path.name == "check.md" and kind_of(document) is None:
                continue  # the files of `db check --config` and `--ignore`
            yield name, kind_of(document), document


def keys(node, path=()):
    if isinstance(node, dict):
        for key, value in node.items():
            yield (*path, key)
            yield from keys(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from keys(value, (*path, index))


def is_free(kind, path):
    above = path[:-1]
    return any(above[-len(free):] == free if free else not above for free in FREE.get(kind, []))


def misspelt(document, path):
    twin = copy.deepcopy(document)
    node = twin
    for step in path[:-1]:
        node = node[step]
    node[f"{path[-1]}x"] = node.pop(path[-1])
    return twin


def finds(tool, *arguments, text):
    """What a linter beside this Python says; nothing is right."""
    command = [str(pathlib.Path(sys.prefix) / "bin" / tool), *arguments, "-"]
    run = subprocess.run(command, input=text, capture_output=True, text=True)
    return (run.stdout + run.stderr).strip()


def linted():
    """Name, what is said of it, what is said of a spoilt copy."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    spoilt = dockerfile.replace("# hadolint ignore=DL3008\n", "")
    yield "Dockerfile", finds("hadolint", text=dockerfile), finds("hadolint", text=spoilt)
    quiet = ("-no-color", "-shellcheck=", "-pyflakes=")  # what is on PATH must not change the verdict
    for _, name, text in written():
        if "\njobs:" in text:
            spoilt = text.replace("secrets.", "secret.")
            yield name, finds("actionlint", *quiet, text=text), finds("actionlint", *quiet, text=spoilt)


def main():
    valid = count = noticed = tried = 0
    for name, kind, document in manifests():
        count += 1
        found = KINDS[kind](document) if kind else ["no schema for it"]
        for error in found:
            print(f"{name}: {error}")
        valid += not found
        if not kind or found:
            continue
        missed = []
        for path in keys(document):
            if is_free(kind, path):
                continue
            tried += 1
            if KINDS[kind](misspelt(document, path)):
                noticed += 1
            else:
                missed.append(".".join(map(str, path)))
        for one in missed:
            print(f"{name}: {one} misspelt is not noticed")
    for name, said, said_of_spoilt in linted():
        count, tried = count + 1, tried + 1
        valid, noticed = valid + (not said), noticed + bool(said_of_spoilt)
        if said or not said_of_spoilt:
            print(f"{name}: {said or 'a spoilt copy is not noticed'}")
    print(f"manifests: {valid} of {count} states valid")
    print(f"misspelt: {noticed} of {tried} states noticed")
    return 0 if valid == count and noticed == tried and count else 1


if __name__ == "__main__":
    sys.exit(main())
