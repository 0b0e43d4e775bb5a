// Measures of a readout as forcelib.measures has them. Samples are `step` seconds apart, and sample k of a run is at the time
// k * step; `first` is the number of an array's first one. The tests hold both to the same numbers.
"use strict";

const MEASURES = (() => {
  // Below this share of the teacher's amplitude a readout has no phase and no frequency worth telling.
  const LEAST = 0.25;

  // Samples in a period; a half goes to the even number, as in Python.
  const period = (frequency, step) => Math.round(1 / (frequency * step) - 1e-9);
  const wrapped = (angle) => angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

  // Of 2i times the mean of signal times exp(-2 pi i f t).
  const polar = (re, im, size) => ({
    amplitude: (2 * Math.hypot(re, im)) / size,
    phase: Math.atan2(re, -im),
  });

  // Amplitude and phase of the fundamental over the samples from `from` to before `to`: a whole period of them.
  function fundamental(value, from, to, step, frequency) {
    let [re, im] = [0, 0];
    for (let k = from; k < to; k++) {
      const angle = 2 * Math.PI * frequency * k * step;
      re += value(k) * Math.cos(angle);
      im -= value(k) * Math.sin(angle);
    }
    return polar(re, im, to - from);
  }

  // Both wherever a period of samples fits in, at its middle, and the mean frequency.
  function demodulate(signal, step, frequency, first = 0) {
    const size = period(frequency, step);
    const found = { t: [], amplitude: [], phase: [] };
    let [re, im] = [0, 0];
    const add = (k, sign) => {
      const angle = 2 * Math.PI * frequency * (first + k) * step;
      re += sign * signal[k] * Math.cos(angle);
      im -= sign * signal[k] * Math.sin(angle);
    };
    for (let k = 0; k < signal.length; k++) {
      add(k, 1);
      if (k < size - 1) continue;
      const { amplitude, phase } = polar(re, im, size);
      const last = found.phase.at(-1) ?? phase;
      found.t.push((first + k + 1 - size + Math.floor(size / 2)) * step);
      found.amplitude.push(amplitude);
      found.phase.push(last + wrapped(phase - last));
      add(k + 1 - size, -1);
    }
    const middle = mean(found.t);
    const level = mean(found.phase);
    let [up, across] = [0, 0];
    found.t.forEach((t, k) => {
      up += (t - middle) * (found.phase[k] - level);
      across += (t - middle) ** 2;
    });
    return { ...found, size, frequency: frequency + up / across / (2 * Math.PI) };
  }

  // RMS of the readout minus the target read at the readout's own phase; null if the target has no fundamental.
  function aligned(readout, target, step, frequency, first = 0) {
    const own = demodulate(readout, step, frequency, first);
    const given = demodulate(target, step, frequency, first);
    const level = mean(target);
    const spread = Math.sqrt(mean(target.map((value) => (value - level) ** 2)));
    if (!(Math.min(...given.amplitude) >= 1e-3 * spread && spread > 0)) return null;
    const half = Math.floor(own.size / 2);
    const place = ({ t, phase }, k) => {
      const cycles = frequency * t[k] + phase[k] / (2 * Math.PI);
      return cycles - Math.floor(cycles);
    };
    // One period of the target, as pairs of a phase and a value, with one more at each end.
    const shape = given.t.map((_, k) => [place(given, k), target[half + k]]).sort((a, b) => a[0] - b[0]);
    const [begin, end] = [shape[0], shape.at(-1)];
    shape.unshift([end[0] - 1, end[1]]);
    shape.push([begin[0] + 1, begin[1]]);
    const read = (x) => {
      let [low, high] = [0, shape.length - 1];
      while (high - low > 1) {
        const between = (low + high) >> 1;
        if (shape[between][0] <= x) low = between;
        else high = between;
      }
      const [[a, from], [b, to]] = [shape[low], shape[high]];
      return from + ((x - a) * (to - from)) / (b - a);
    };
    return Math.sqrt(mean(own.t.map((_, k) => (readout[half + k] - read(place(own, k))) ** 2)));
  }

  // Everything that is shown of the last periods. The phase is ahead of the teacher's, in radians, between -pi and pi.
  function last(readout, target, step, frequency, first = 0) {
    const error = aligned(readout, target, step, frequency, first);
    const own = demodulate(readout, step, frequency, first);
    const given = demodulate(target, step, frequency, first);
    const teacher = mean(given.amplitude);
    const told = error !== null && Math.min(...own.amplitude) >= LEAST * teacher;
    return {
      amplitude: mean(own.amplitude),
      teacher,
      aligned: error,
      phase: told ? wrapped(own.phase.at(-1) - given.phase.at(-1)) : null,
      frequency: told ? own.frequency : null,
    };
  }

  // The signal of these harmonics, after x periods.
  function series({ mean, cosines, sines }, x) {
    let value = mean;
    for (let k = 0; k < sines.length; k++) {
      const angle = 2 * Math.PI * (k + 1) * x;
      value += cosines[k] * Math.cos(angle) + sines[k] * Math.sin(angle);
    }
    return value;
  }

  return { LEAST, aligned, demodulate, fundamental, last, period, series, wrapped };
})();
