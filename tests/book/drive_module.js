// Runs the module of the live lab, the same in Node and in a browser: from the bytes of the module and a job to what came
// of it. Arrays go in and out as base64. In Node the job comes from standard input: node drive_module.js network.wasm
"use strict";

const pack = (array) => {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  let text = "";
  for (let k = 0; k < bytes.length; k += 32768) text += String.fromCharCode(...bytes.subarray(k, k + 32768));
  return btoa(text);
};
const unpack = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

function drive(bytes, job) {
  const module = new WebAssembly.Module(bytes);
  const imports = {};
  const called = [];
  for (const { module: space, name } of WebAssembly.Module.imports(module)) {
    imports[space] = { ...imports[space], [name]: () => (called.push(name), 0) };
  }
  const network = new WebAssembly.Instance(module, imports).exports;
  const floats = (address, length) => new Float64Array(network.memory.buffer, address, length);
  const integers = (address, length) => new Int32Array(network.memory.buffer, address, length);

  network.set_size(job.N);
  network._initialize();
  network.begin();
  job.shared.forEach((value, k) => (floats(network.shared(k), 1)[0] = value));
  network.draw(job.seed, job.p, job.v_start);
  network.set_coupling(job.G, job.p);
  network.set_feedback(job.Q);
  network.set_learning(job.alpha, job.every, job.textbook);
  network.set_limit(job.limit);
  network.watch(job.watched ?? 0);
  const drawn = {
    encoders: pack(floats(network.encoder(), job.N)),
    potentials: pack(floats(network.potentials(), job.N)),
    weights: pack(floats(network.weight(), network.synapses())),
  };

  const target = new Float64Array(unpack(job.target).buffer);
  const readout = new Float64Array(target.length);
  const potential = new Float64Array(target.length);
  const neuron = [];
  const step = [];
  const memory = [];
  const events = [...job.events];
  let now = 0;
  while (now < target.length && !network.diverged()) {
    while (events.length && events[0][0] === now) {
      const [, name, ...rest] = events.shift();
      network[name](...rest);
    }
    const next = Math.min(
      target.length,
      now + (job.chunk ?? network.longest_run()),
      events.length ? events[0][0] : Infinity,
    );
    floats(network.target(), next - now).set(target.subarray(now, next));
    const done = network.run(next - now);
    readout.set(floats(network.readout(), done), now);
    potential.set(floats(network.potential(), done), now);
    const spikes = network.spikes();
    neuron.push(...integers(network.spike_neurons(), spikes));
    for (const when of integers(network.spike_steps(), spikes)) step.push(now + when);
    now += done;
    memory.push(network.memory.buffer.byteLength);
  }
  return {
    ...drawn,
    called: called.filter((name) => name !== "emscripten_notify_memory_growth"),
    steps: now,
    readout: pack(readout.subarray(0, now)),
    potential: pack(potential.subarray(0, now)),
    neuron: pack(Int32Array.from(neuron)),
    step: pack(Int32Array.from(step)),
    decoder: pack(floats(network.decoder(), job.N)),
    updates: network.updates(),
    diverged: Boolean(network.diverged()),
    memory,
  };
}

if (typeof process === "object" && process.argv.length > 2) {
  const { readFileSync } = require("node:fs");
  const bytes = readFileSync(process.argv[2]);
  const text = JSON.stringify(drive(bytes, JSON.parse(readFileSync(0, "utf8"))));
  process.stdout.write(text);
}
