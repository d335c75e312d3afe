"""A canary in every place a secret can be: it stands in nothing that leaves the kernel."""

from endpoint import fault

KEY = "canary-key-3f9a1c77"
PASSWORD = "canary-password-8d20"


def test_no_artefact_holds_a_secret(start_kernel, pair, endpoint, tmp_path):
    kernel = start_kernel(pair, CODEACT_RUN="1", CODEACT_API_KEY=KEY, DB_PASSWORD=PASSWORD)
    endpoint.script(
        f"I use {KEY}.\n\n```python\nimport os\nprint(os.environ['DB_PASSWORD'])\n"
        f"leak = os.environ['CODEACT_API_KEY']\nleak\n```",
        f"```python\nraise ValueError(os.environ['DB_PASSWORD'] + '{KEY}')\n```",
        f"The password is {PASSWORD}.",
        fault("401"),
    )
    kernel.run("print(__import__('os').environ['CODEACT_API_KEY'])")
    kernel.run(f"%%codeact --auto\nWhat is {PASSWORD}? Use {KEY}.")
    dry = kernel.run(f"%%codeact --dry-run\nAgain {KEY}").text
    failed = kernel.run("%%codeact --auto\nGo.")
    file = tmp_path / "x.ipynb"
    kernel.run(f"%codeact export {file}")
    record = kernel.run(
        "from codeact_jupyter.magic import _loaded\n"
        "repr([m.session.record for m, _ in _loaded.values()])"
    ).outputs[-1]
    sent = [request.json for request in endpoint.requests]
    assert endpoint.requests[0].headers["authorization"] == f"Bearer {KEY}"
    artefacts = {
        "prompt": str(sent),
        "dry run": dry,
        "error": failed.text + failed.error,
        "export": file.read_text(),
        "record": str(record),
        "status": kernel.run("%codeact").text + kernel.run("%codeact config").text,
        "variables": kernel.run("%codeact vars").text,
    }
    for name, text in artefacts.items():
        assert KEY not in text, name
        assert PASSWORD not in text, name
    assert "[masked DB_PASSWORD]" in artefacts["prompt"]
    assert "[masked DB_PASSWORD]" in artefacts["export"]
