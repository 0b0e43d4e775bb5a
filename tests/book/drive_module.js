// Runs the network of the live lab, the same in Node and in a browser: from the bytes of the module and a job to what came
// of it. Arrays go in and out as base64. In Node the job comes from standard input: node drive_module.js network.js kernel.wasm
"use strict";

const pack = (array) => {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  let text = "";
  for (let k = 0; k < bytes.length; k += 32768) text += String.fromCharCode(...bytes.subarray(k, k + 32768));
  return btoa(text);
};
const unpack = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

function drive(bytes, job) {
  const network = new Network(bytes, job);
  const drawn = {
    encoders: pack(network.view("E")),
    potentials: pack(network.view("v")),
    weights: pack(network.view("omega")),
    inputs: pack(network.input_weights),
  };
  const target = new Float64Array(unpack(job.target).buffer);
  const steps = target.length / job.outputs;
  const readout = new Float64Array(target.length);
  const potential = new Float64Array(steps);
  const neuron = [];
  const step = [];
  const memory = [];
  const events = [...job.events];
  let now = 0;
  while (now < steps && !network.diverged) {
    while (events.length && events[0][0] === now) {
      const [, name, ...rest] = events.shift();
      network[name](...rest);
    }
    const next = Math.min(steps, now + (job.chunk ?? 1000), events.length ? events[0][0] : Infinity);
    const done = network.run(target.subarray(now * job.outputs, next * job.outputs));
    readout.set(network.view("readout"), now * job.outputs);
    potential.set(network.view("potentials"), now);
    for (const i of network.view("spike_neuron")) neuron.push(i);
    for (const when of network.view("spike_step")) step.push(now + when);
    now += done;
    memory.push(network.kernel.memory.buffer.byteLength);
  }
  return {
    ...drawn,
    steps: now,
    readout: pack(readout.subarray(0, now * job.outputs)),
    potential: pack(potential.subarray(0, now)),
    neuron: pack(Int32Array.from(neuron)),
    step: pack(Int32Array.from(step)),
    decoder: pack(network.view("phi")),
    updates: network.updates,
    diverged: network.diverged,
    memory,
  };
}

if (typeof process === "object") {
  const { readFileSync } = require("node:fs");
  const [program, module] = process.argv.slice(2);
  require("node:vm").runInThisContext(readFileSync(program, "utf8"));
  process.stdout.write(JSON.stringify(drive(readFileSync(module), JSON.parse(readFileSync(0, "utf8")))));
}
