"""How work is run: stored results (`store`), jobs in a Dask worker (`jobs`), progress (`progress`).

An *experiment*, as this package understands the word, is a module with

* `VERSION`: an integer that grows when the same spec gives other numbers;
* `Spec`: a frozen dataclass of plain values (str, int, float, bool, None and tuples of them);
* `Result`: a frozen dataclass whose fields are pandas frames, numpy arrays, or values that JSON knows;
* `inputs(spec) -> dict[str, str]`: fingerprints of what the spec only names, such as a model or a corpus;
* `run(spec, progress) -> Result`: a pure function.
"""
