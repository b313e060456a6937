"""How work is run: what can be (`experiment`), stored results (`store`), jobs in a Dask worker (`jobs`), `progress`."""
