// Runs the worker of the live lab in Node, from what the page sends to what the page gets. The clock is the driver's: it
// goes on by 5 ms whenever the worker looks, so that what happens does not depend on the machine.
//   node drive_worker.js kernel.wasm < {"program": its text, "script": [["post", message] or ["run", ms of the network], ...]}
"use strict";
const { readFileSync } = require("node:fs");

const { program, script } = JSON.parse(readFileSync(0, "utf8"));
const bytes = readFileSync(process.argv[2]);
const SHOWN = ["z", "target", "z2", "target2", "input", "potential"];
const seen = { ...Object.fromEntries(SHOWN.map((name) => [name, []])), spikes: [], frames: [], switches: [], ready: null, told: [] };
const marks = []; // network and clock at each part of the script, in ms
const turns = [];
let clock = 0;
let drawn = 0; // frames that the page asks to be followed

const per_ms = () => Math.round(0.001 / settings.dt); // time steps

const later = (turn, milliseconds = 0) =>
  turns.push(() => {
    clock += milliseconds;
    turn();
  });

function receive({ ready, learning, frame, decoder: told }) {
  if (told) seen.told = [...told];
  if (ready) seen.ready = ready;
  if (learning) seen.switches.push([learning.on, learning.step / per_ms()]);
  if (!frame) return;
  drawn++;
  const { updates, diverged, memory, number, decoder } = frame;
  const ms = (frame.start + frame.steps) / per_ms();
  seen.frames.push({ ms, updates, diverged, memory, number, decoder: [...decoder] });
  for (const name of SHOWN) seen[name].push(...frame[name]);
  for (let k = 0; k < frame.spikes.length; k += 2) seen.spikes.push([frame.spikes[k], frame.spikes[k + 1] / per_ms()]);
}

const world = {
  performance: { now: () => (clock += 5) },
  setTimeout: later,
  MessageChannel: class {
    port1 = {};
    port2 = { postMessage: () => later(() => this.port1.onmessage()) };
  },
  postMessage: receive,
  onmessage: null,
};
for (const [name, value] of Object.entries(world))
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
require("node:vm").runInThisContext(program);

for (const [what, value] of script) {
  marks.push([network ? network.step / per_ms() : 0, clock]);
  if (what === "post") onmessage({ data: value.start ? { ...value, bytes } : value });
  while (what === "run" && network.step < per_ms() * value && turns.length) {
    turns.shift()();
    for (; drawn; drawn--) onmessage({ data: { more: true } });
  }
}
marks.push([network.step / per_ms(), clock]);
process.stdout.write(JSON.stringify({ ...seen, marks }));
