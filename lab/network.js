// The network of the live lab: forcelib's kernel, kernel.wasm, and what a reader does to it, by writing its arrays.
"use strict";

// NumPy's generator of that name.
class RandomState {
  constructor(seed) {
    this.key = new Uint32Array(624);
    this.used = 624;
    for (let k = 0, word = seed; k < 624; k++) {
      this.key[k] = word;
      word = Math.imul(1812433253, word ^ (word >>> 30)) + k + 1;
    }
  }

  word() {
    const key = this.key;
    if (this.used === 624) {
      for (let k = 0; k < 624; k++) {
        const y = (key[k] & 0x80000000) | (key[(k + 1) % 624] & 0x7fffffff);
        key[k] = key[(k + 397) % 624] ^ (y >>> 1) ^ (y & 1 && 0x9908b0df);
      }
      this.used = 0;
    }
    let y = key[this.used++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return y ^ (y >>> 18);
  }

  uniform() {
    return ((this.word() >>> 5) * 2 ** 26 + (this.word() >>> 6)) / 2 ** 53;
  }

  // Two numbers at a time; the second of the last two is lost.
  normal(size) {
    const values = new Float64Array(size);
    for (let k = 0; k < size; k += 2) {
      let x, y, square;
      do {
        x = 2 * this.uniform() - 1;
        y = 2 * this.uniform() - 1;
        square = x * x + y * y;
      } while (square >= 1 || square === 0);
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      values[k] = scale * y;
      values[k + 1] = scale * x;
    }
    return values;
  }
}

class Network {
  constructor(bytes, settings) {
    this.kernel = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
    this.kernel._initialize();
    this.numbers = {};
    const text = new Uint8Array(this.kernel.memory.buffer, this.kernel.names() >>> 0);
    const names = new TextDecoder().decode(text.subarray(0, text.indexOf(0))).split(";");
    ["real", "integer"].forEach((kind, j) =>
      names[j].split(", ").forEach((name, k) => (this.numbers[name] = [kind, k])),
    );
    this.settings = settings; // as they were at the start
    this.held = {}; // what silenced neurons were when they were
    this.address = this.kernel.make(settings.number); // of such neurons
    const { N, outputs } = settings;
    for (const name of [...settings.state, "s", "h", "r", "h_r"]) this.view(name, N);
    for (const name of ["E", "phi"]) this.view(name, outputs * N);
    settings.rest.forEach((value, k) => this.view(settings.state[k + 1]).fill(value));
    this.view("since_spike", N).fill(1e9);
    this.put("parameters", [settings.dt, ...settings.parameters]);
    this.put("limit", [settings.limit]);
    this.put("forced", [0]);
    this.step = 0; // of all runs
    this.updates = 0;
    this.learn(false);
    this.draw();
    this.set_coupling(settings.G);
    this.set_feedback(settings.Q);
    this.set_input(settings.Q_in);
    this.give(0);
    this.set_learning(settings.alpha, settings.every, settings.textbook);
    this.watch(settings.watched);
    this.kernel.begin(this.address);
  }

  // An array of the kernel, resized unless the size is negative. Memory that grows leaves earlier views empty.
  view(name, size = -1) {
    const [kind, k] = this.numbers[name];
    const address = this.kernel[kind](this.address, k, size) >>> 0;
    const length = this.kernel.length(this.address, k, kind === "real");
    return new (kind === "real" ? Float64Array : Int32Array)(this.kernel.memory.buffer, address, length);
  }

  put(name, values) {
    this.view(name, values.length).set(values);
  }

  // In the order of forcelib.Reservoir.draw.
  draw() {
    const { N, p, seed, outputs } = this.settings;
    this.random = new RandomState(seed);
    const uniform = () => Float64Array.from({ length: N }, () => 2 * this.random.uniform() - 1);
    this.encoders = [uniform()];
    this.kick();
    const normal = this.random.normal(N * N);
    const starts = this.view("indptr", N + 1);
    const targets = [];
    this.weights = []; // as drawn, for G = sqrt(N) p
    for (let k = 0, i = 0; i < N; i++) {
      for (let j = 0; j < N; j++, k++) {
        if (this.random.uniform() >= p) continue;
        targets.push(j);
        this.weights.push(normal[k]);
      }
      starts[i + 1] = targets.length;
    }
    this.put("indices", targets);
    while (this.encoders.length < outputs) this.encoders.push(uniform());
    this.inputs = uniform();
  }

  set_coupling(G) {
    const { N, p, balanced } = this.settings;
    const omega = this.view("omega", this.weights.length);
    for (let k = 0; k < omega.length; k++) omega[k] = (G * this.weights[k]) / (Math.sqrt(N) * p);
    if (!balanced) return;
    const targets = this.view("indices");
    const [sums, counts] = [new Float64Array(N), new Float64Array(N)];
    targets.forEach((j, k) => {
      sums[j] += omega[k];
      counts[j]++;
    });
    targets.forEach((j, k) => (omega[k] -= sums[j] / counts[j]));
  }

  set_feedback(Q) {
    const E = this.view("E");
    this.encoders.forEach((encoder, k) => encoder.forEach((value, i) => (E[k * encoder.length + i] = Q * value)));
  }

  set_input(Q_in) {
    this.input_weights = this.inputs.map((weight) => Q_in * weight);
  }

  // The input, from now on.
  give(input) {
    this.input = input;
  }

  // A new alpha makes P anew; learning goes on with the decoder as it is.
  set_learning(alpha, every, textbook) {
    this.put("textbook", [textbook]);
    this.every = every;
    if (alpha === this.view("alpha")[0]) return;
    this.put("alpha", [alpha]);
    this.view("P", 0);
    this.kernel.begin(this.address);
  }

  // From `delay` time steps on, and then every so many.
  learn(on, delay = 0) {
    this.first = on ? this.step + delay : Infinity;
  }

  // P and the decoder as at the start.
  forget() {
    this.view("P", 0);
    this.view("phi").fill(0);
    this.kernel.begin(this.address);
  }

  watch(neuron) {
    this.put("watched", [neuron]);
  }

  // Membrane potentials drawn anew, but for silenced neurons.
  kick() {
    const [low, high] = this.settings.span;
    const v = this.view("v");
    for (let i = 0; i < v.length; i++)
      if (!Number.isNaN(v[i])) v[i] = low + this.random.uniform() * (high - low);
  }

  // A silenced neuron is taken out of time: a potential that is not a number stays so, and is never above the threshold.
  silence(neuron, on) {
    for (const name of this.settings.state) {
      const values = this.view(name);
      this.held[name] ??= new Float64Array(values.length);
      if (on) this.held[name][neuron] = values[neuron];
      values[neuron] = on ? NaN : this.held[name][neuron];
    }
  }

  // A time step for each value of the teacher, or each pair; returns how many were done: fewer after a divergence.
  run(target) {
    const { N, outputs } = this.settings;
    const steps = target.length / outputs;
    this.put("target", target);
    const current = this.input_weights.map((weight) => this.input * weight);
    const external = this.view("external", this.input ? steps * N : 0);
    for (let k = 0; k < external.length; k += N) external.set(current, k);
    const schedule = this.view("schedule", steps);
    for (let k = 0; k < steps; k++) {
      const since = this.step + k - this.first;
      schedule[k] = since >= 0 && since % this.every === 0;
    }
    const done = this.kernel.run(this.address, steps);
    // RLS leaves out the step of a divergence.
    const learnt = this.view("schedule").subarray(0, this.diverged ? done - 1 : done);
    this.updates += learnt.reduce((sum, due) => sum + due, 0);
    this.step += done;
    return done;
  }

  get diverged() {
    return this.view("diverged")[0] === 1;
  }
}
