"""Which words a text classifier's answer comes from: Captum's methods, whole corpora at a time, word by word.

The tables in `registry` are free of torch and captum, so that a page can list them.
"""
