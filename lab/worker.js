// The network of the live lab, of network.js, in a thread of its own. The page sends
//   {start: settings, bytes}       a new network, of the bytes of the module; answered by {ready}
//   {set: {name: value, ...}}      new values of settings
//   {act: "kick" | "silence" | "wake" | "forget"}
//   {press: 1 | -1 | 0}            an input begins, or ends
//   {run: true | false}            whether time goes on
//   {more: true}                   the last frame is drawn: send the next
//   {ask: "decoder"}               answered by {decoder}: those of all neurons
// and gets {frame}: what happened since the last one, and {learning}: when RLS came on or went off.
"use strict";

let SAMPLE = 20; // time steps between two samples that are shown: 1 ms
const SHOWN = { neurons: 50, decoders: 10 };

let network = null;
let settings = null;
let running = false;
let asked = 0; // frames that the page can take
let due = 0; // time steps that the clock on the wall is ahead
let before = 0; // when it was last looked at
let phase = { start: 0, from: 0 }; // of the teacher: `start` cycles at time step `from`
let waiting = false; // for the next turn
let waits = 0; // time steps that RLS waits at most for its moment, once it has been switched on
let load = { steps: 0, busy: 0 };
let pulse = null; // of the input: see pulses()

// SHAPES has one cycle of each teacher of forcelib: extensions/live_lab.py writes it before this text.
SHAPES.own = (x) => [MEASURES.series(settings.own, x)];
SHAPES.memory = () => [pulse.last]; // which changes between two chunks alone

// The moment of the teacher at which RLS comes on, in time steps of a chunk that are told by their values.
const sign = (value) => (Math.abs(value) < 1e-9 ? 0 : Math.sign(value));
const zero = (value, k) => sign(value(k)) !== sign(value(k - 1));
const ONSETS = {
  zero,
  later: zero, // the first update comes one interval after it, as in the reference program
  crest: (value, k) => value(k - 1) < value(k) && value(k) >= value(k + 1),
};
const lag = () => (settings.onset === "later" ? settings.every : 0);

const cycles = (at) => phase.start + settings.frequency * ((at - phase.from) * settings.dt);

const APPLY = {
  G: () => network.set_coupling(settings.G),
  Q: () => network.set_feedback(settings.Q),
  Q_in: () => network.set_input(settings.Q_in),
  alpha: () => network.set_learning(settings.alpha, settings.every, settings.textbook),
  watched: () => network.watch(settings.watched),
  every: () => APPLY.alpha(),
  textbook: () => APPLY.alpha(),
  learns: () => {
    const waited = settings.learns && settings.onset in ONSETS;
    waits = waited ? Math.ceil(1 / settings.frequency / settings.dt) : 0;
    if (!waits) learn(settings.learns);
  },
};

// A turn as soon as messages have been read: a timer would wait for 4 ms.
const turn = new MessageChannel();
turn.port1.onmessage = () => go();
const soon = (milliseconds) => {
  if (waiting) return;
  waiting = true;
  if (milliseconds) setTimeout(go, milliseconds);
  else turn.port2.postMessage(null);
};

function learn(on, delay = 0) {
  network.learn(on, delay);
  postMessage({ learning: { on, step: network.step + delay } });
}

function start(bytes, wanted) {
  settings = wanted;
  SAMPLE = Math.round(0.001 / settings.dt);
  network = new Network(bytes, { ...wanted });
  pulse = { last: 0, until: 0, next: 0, dice: new RandomState(settings.seed) };
  const signs = Array.from(network.encoders[0].subarray(0, SHOWN.neurons), Math.sign);
  postMessage({ ready: { synapses: network.weights.length, signs } });
}

function set(values) {
  if ("frequency" in values) phase = { start: cycles(network.step), from: network.step };
  if ("pace" in values) due = 0;
  const waited = waits > 0;
  Object.assign(settings, values);
  for (const name of Object.keys(values)) if (APPLY[name]) APPLY[name]();
  // Another teacher has its zeros elsewhere.
  if (waited && !("learns" in values)) APPLY.learns();
}

const ACT = {
  kick: () => network.kick(),
  forget: () => {
    network.forget();
    if (!settings.learns) return;
    // What comes now are first updates again.
    if (settings.onset in ONSETS) learn(false);
    APPLY.learns();
  },
  silence: () => fifth(true),
  wake: () => fifth(false),
};

// Every fifth neuron: the network is random, so these are as good as any.
function fifth(silent) {
  for (let neuron = 4; neuron < settings.N; neuron += 5) network.silence(neuron, silent);
}

// The memory's readout is to hold the sign of the last pulse. While RLS is on, pulses come by themselves: from 50 to 150 ms
// long, 200 ms apart at least, and three of four other than the last one. A pulse of the reader lasts as long as a button is
// pressed, and 50 ms at least. Returns how many time steps nothing changes.
function pulses() {
  const now = network.step;
  const after = (least, most) => now + SAMPLE * Math.round(least + (most - least) * pulse.dice.uniform());
  const automatic = settings.shape === "memory" && settings.learns;
  if (now >= pulse.until) network.give(0);
  if (automatic && !network.input && now >= pulse.next) {
    const other = pulse.dice.uniform() < 0.75;
    press(pulse.last ? (other ? -pulse.last : pulse.last) : other ? 1 : -1);
    pulse.until = after(50, 150);
    pulse.next = after(350, 950);
  }
  return (network.input ? pulse.until : automatic ? pulse.next : Infinity) - now;
}

function press(input) {
  if (input) {
    network.give(input);
    pulse = { ...pulse, last: input, began: network.step, until: Infinity };
  } else pulse.until = Math.max(network.step, pulse.began + 50 * SAMPLE);
}

const SAMPLES = ["z", "target", "z2", "target2", "input", "potential", "error"]; // one each millisecond

class Frame {
  constructor() {
    this.start = network.step;
    for (const name of SAMPLES) this[name] = [];
    this.spikes = []; // of the neurons that are shown: neuron, time step, neuron, ...
    this.number = 0; // of all
  }

  run(target) {
    const before = network.step;
    const done = network.run(target);
    const z = network.view("readout");
    const potential = network.view("potentials");
    const { outputs } = settings;
    for (let k = 0; k < done; k += SAMPLE) {
      let squares = 0;
      const end = Math.min(k + SAMPLE, done);
      for (let j = k * outputs; j < end * outputs; j++) squares += (z[j] - target[j]) ** 2;
      this.error.push(squares / (end - k) / outputs);
      // The last sample before a divergence is what diverged.
      const shown = end - k < SAMPLE ? end - 1 : k;
      ["", 2].slice(0, outputs).forEach((of, j) => {
        this[`z${of}`].push(z[shown * outputs + j]);
        this[`target${of}`].push(target[k * outputs + j]);
      });
      this.input.push(network.input);
      this.potential.push(potential[k]);
    }
    const neuron = network.view("spike_neuron");
    const when = network.view("spike_step");
    for (let k = 0; k < neuron.length; k++) {
      if (neuron[k] < SHOWN.neurons) this.spikes.push(neuron[k], before + when[k]);
    }
    this.number += neuron.length;
    return done;
  }

  send() {
    const message = {
      start: this.start,
      steps: network.step - this.start,
      number: this.number,
      watched: settings.watched,
      updates: network.updates,
      diverged: network.diverged,
      memory: network.kernel.memory.buffer.byteLength,
      decoder: network.view("phi").slice(0, SHOWN.decoders),
      spikes: Int32Array.from(this.spikes),
      capacity: load.busy ? (load.steps * settings.dt * 1000) / load.busy : 0,
    };
    for (const name of SAMPLES) message[name] = Float64Array.from(this[name]);
    postMessage({ frame: message });
  }
}

// Simulate what is due, at most for the time of two pictures, then send it.
function go() {
  waiting = false;
  const now = performance.now();
  if (!running || !asked || !network) {
    before = now;
    return;
  }
  const pace = settings.pace;
  due = pace ? Math.min(due + ((now - before) / 1000) * (pace / settings.dt), 0.1 / settings.dt) : Infinity;
  before = now;
  const frame = new Frame();
  while (due >= SAMPLE && performance.now() - now < (pace ? 30 : 14)) {
    let steps = Math.floor(Math.min(due, 200, pulses()) / SAMPLE) * SAMPLE;
    const { outputs, shape } = settings;
    const target = new Float64Array(steps * outputs);
    for (let k = 0; k < steps; k++) target.set(SHAPES[shape](cycles(network.step + k)), k * outputs);
    if (waits) {
      const value = (k) => target[k * outputs] ?? SHAPES[shape](cycles(network.step + k))[0];
      const moment = Array.from({ length: steps }).findIndex((_, k) => ONSETS[settings.onset](value, k));
      if (moment >= SAMPLE) steps = Math.floor(moment / SAMPLE) * SAMPLE;
      waits -= steps;
      if (waits <= 0 || (moment >= 0 && moment < SAMPLE)) {
        waits = 0;
        learn(true, Math.max(0, moment) + lag());
      }
    }
    const done = frame.run(target.subarray(0, steps * outputs));
    due -= done;
    load.steps += done;
    if (done < steps) {
      running = false;
      break;
    }
  }
  if (network.step === frame.start) {
    soon(4);
    return;
  }
  load.busy += performance.now() - now;
  asked--;
  frame.send();
  if (load.steps * settings.dt > 0.5) load = { steps: load.steps / 2, busy: load.busy / 2 };
  if (asked && running) soon();
}

onmessage = ({ data }) => {
  if (data.start) start(data.bytes, data.start);
  if (data.set) set(data.set);
  if (data.act) ACT[data.act]();
  if ("press" in data) press(data.press);
  if (data.ask) postMessage({ decoder: network.view("phi").slice() });
  if ("run" in data) {
    running = data.run && !network.diverged;
    due = 0;
    before = performance.now();
  }
  if (data.more) asked = Math.min(asked + 1, 2);
  if (asked && running) soon();
};
