"""The model registry, whose keys revision 1b5f0d9ad7c1 rebuilds to begin with the workspace."""

MODELS = ["model-a", "Modell ß 😀", "it's a model", "empty one"]
VERSIONS = [(0, 1), (0, 2), (0, 10), (1, 1), (2, 1), (2, 2)]  # (model, version)


def registered_models(context):
    """MODELS in the default workspace; a namesake in another one where there are workspaces."""
    rows = [{"name": name, "workspace": "default"} for name in MODELS]
    if context.has("registered_models", "workspace"):
        rows.append({"name": MODELS[0], "workspace": "team-a"})
    return rows


def model_versions(context):
    """Several versions of a model, and one of the namesake."""
    rows = [{"name": MODELS[model], "version": version, "workspace": "default", "creation_time": 1_600_000_000_000,
             "last_updated_time": 1_600_000_000_001 + version} for model, version in VERSIONS]
    if context.has("model_versions", "workspace"):
        rows.append({"name": MODELS[0], "version": 1, "workspace": "team-a", "creation_time": 1})
    return rows


def registered_model_tags(context):
    """The same key on several models."""
    return [{"name": name, "key": key, "workspace": "default"}
            for name in MODELS for key in ("owner", "clé %")]


def model_version_tags(context):
    """The same key on several versions of several models."""
    return [{"name": MODELS[model], "version": version, "key": key, "workspace": "default"}
            for model, version in VERSIONS for key in ("stage", "notes 😀")]


def registered_model_aliases(context):
    """Two aliases of one version, one alias name on two models."""
    return [{"name": MODELS[model], "alias": alias, "version": version, "workspace": "default"}
            for model, alias, version in ((0, "champion", 2), (0, "latest-ü", 2), (1, "champion", 1))]


def workspaces(context):
    """What revision 1b5f0d9ad7c1 itself inserts, and the workspaces the other seeds are in."""
    return [{"name": "default", "description": "Default workspace for legacy resources",
             "default_artifact_root": None}, {"name": "team-a"}, {"name": "team-b"}]


TABLES = {"registered_models": registered_models, "model_versions": model_versions,
          "registered_model_tags": registered_model_tags, "model_version_tags": model_version_tags,
          "registered_model_aliases": registered_model_aliases, "workspaces": workspaces}
