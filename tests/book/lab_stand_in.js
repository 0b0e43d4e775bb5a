// What the tests of the lab's page bring into it. A stand-in for the worker keeps what the page sends, in `posted`, and sends
// what the test says, by `send`.
"use strict";

class StandIn {
  constructor() {
    window.worker = this;
    window.posted = [];
    this.step = 0;
  }

  postMessage({ bytes, ...message }) {
    posted.push(message);
    if (message.start && !window.busy) this.begin();
  }

  begin() {
    this.onmessage({ data: { ready: { synapses: 25000, signs: Array(50).fill(1).fill(-1, 25) } } });
  }

  terminate() {}
}

const learning = () => worker.onmessage({ data: { learning: { on: true, step: worker.step } } });

// A frame with a readout and a teacher each millisecond.
function send(z, target = z, more = {}) {
  const frame = { start: worker.step, steps: 20 * z.length, z, target, potential: z.map(() => -50), watched: 0 };
  Object.assign(frame, { spikes: [], number: 0, updates: 0, diverged: false, memory: 0, capacity: 0 });
  Object.assign(frame, { error: z.map((value, k) => (value - target[k]) ** 2), decoder: Array(10).fill(1e-6), ...more });
  worker.onmessage({ data: { frame } });
  worker.step += 20 * z.length;
}

const sine = (ms, hertz = 5, amplitude = 1, mean = 0) =>
  Array.from({ length: ms }, (_, k) => mean + amplitude * Math.sin((2 * Math.PI * hertz * (worker.step / 20 + k)) / 1000));

// Spikes of the first neurons in the first milliseconds of the next frame.
const spikes = (number) =>
  Array.from({ length: number }, (_, k) => [k, worker.step + 20 * k]).flat();

const pictures = async (number) => {
  for (; number; number--) await new Promise(requestAnimationFrame);
};

function hide(hidden) {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}

// The contexts of sound that were made, and what their volume was last set to.
const heard = [];
window.volume = 0;
window.AudioContext = class extends window.AudioContext {
  constructor() {
    super();
    heard.push(this);
  }

  createGain() {
    const node = super.createGain();
    const set = node.gain.setTargetAtTime.bind(node.gain);
    node.gain.setTargetAtTime = (value, ...rest) => set((window.volume = value), ...rest);
    return node;
  }
};

// What is wrong with how the element is shown that has the focus.
async function focused() {
  await pictures(3); // the page scrolls
  const one = document.activeElement;
  const [box, style] = [one.getBoundingClientRect(), getComputedStyle(one)];
  const seen = (y) => one.contains(document.elementFromPoint((box.left + box.right) / 2, y));
  const wrong = [];
  if (style.boxShadow === "none" && (style.outlineStyle === "none" || !parseFloat(style.outlineWidth)))
    wrong.push("no ring");
  if (!seen(box.top + 2) || !seen((box.top + box.bottom) / 2)) wrong.push("covered");
  return wrong.length ? [`${one.outerHTML.slice(0, 80)}: ${wrong}`] : [];
}

// Number of pixels of a panel that have a colour of the lab.
function painted([panel, name]) {
  const canvas = document.querySelector(`canvas[data-panel=${panel}]`);
  const colour = getComputedStyle(document.getElementById("lab")).getPropertyValue(name).trim();
  const wanted = [1, 3, 5].map((k) => parseInt(colour.slice(k, k + 2), 16)).concat(255);
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  let number = 0;
  for (let k = 0; k < data.length; k += 4)
    number += wanted.every((value, j) => Math.abs(data[k + j] - value) < (j < 3 ? 6 : 127));
  return number;
}

Object.assign(window, { learning, send, sine, spikes, pictures, hide, heard, focused, painted });
