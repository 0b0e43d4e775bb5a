"""Importing forcelib leaves no trace."""

import json
import subprocess
import sys


def test_importing_forcelib_changes_nothing():
    program = """
import json, signal, warnings
import brian2, matplotlib.pyplot, numpy as np, scipy.integrate, scipy.sparse
def look():
    return [str(brian2.get_device()), float(brian2.defaultclock.dt), repr(brian2.prefs.as_file),
            str(np.random.get_state()[1].sum()), str(np.geterr()), repr(sorted(matplotlib.rcParams.items())),
            str(signal.getsignal(signal.SIGINT)), str(len(warnings.filters))]
before = look()
import forcelib, forcelib.figures, forcelib.__main__
print(json.dumps([before, look()]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    before, after = json.loads(done.stdout)
    assert before == after
