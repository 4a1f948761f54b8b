"""Models: reads features and labels, writes scores. Knows no web."""

import os

# Waiting threads of OpenMP spin by default, which makes LightGBM three times slower on a busy
# machine. It has to stand here: libgomp looks once, when the first model library is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
