"""The pitch of a sound."""

import numpy as np
from scipy.signal import hilbert


def pitch(samples, rate):
    """Return the frequency in hertz between samples, from the angle of the analytic signal."""
    return np.diff(np.unwrap(np.angle(hilbert(samples)))) * rate / (2 * np.pi)
