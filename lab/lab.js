// The page of the live lab: what the reader sets and sees. The network runs in worker.js; what both start from is
// LAB, written by the extension of the book: the module, the worker's text, the defaults of forcelib, the presets.
(() => {
  "use strict";
  const lab = document.getElementById("lab");
  if (!lab) return;
  const find = (selector) => lab.querySelector(selector);
  const all = (selector) => [...lab.querySelectorAll(selector)];
  const live = enliven(find("#lab-drawing svg"));
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

  // 1. Who cannot run it sees a recorded run, and is told why.
  const instead = document.getElementById("lab-instead");
  const recorded = [instead, document.getElementById("fig-recorded")?.closest(".cell")].filter(Boolean);
  const open = () => {
    lab.hidden = false;
    for (const part of recorded) part.hidden = true;
    recorded.at(-1)?.classList.add("lab-recorded"); // which paper shows all the same
    resize();
  };
  const tell = (words) => (instead.querySelector("[data-why]").textContent = words);

  // 2. Settings: from the defaults, from a link, from the controls.
  const defaults = { ...LAB.defaults };
  let settings = { ...defaults };
  let size = defaults.N; // that the reader has chosen
  // Those that another neuron model brings.
  const base = (model) => ({ ...defaults, ...LAB.networks[model], model });
  const alphaOf = ({ model, N }) => (LAB.networks[model].alpha * LAB.networks[model].N) / N;
  const outputsOf = (shape) => (LAB.pairs.includes(shape) ? 2 : 1);
  const milliseconds = (steps) => Number((steps * settings.dt * 1000).toPrecision(6));
  const inputs = Object.fromEntries(all("[data-setting]").map((input) => [input.dataset.setting, input]));

  // How a control holds a setting, and how its value reads.
  const HOLD = {
    alpha: {
      to: (value) => Math.log10(value),
      from: (text) => 10 ** Number(text),
      words: (value) => `${short(value)} s²`,
    },
    every: {
      to: (value) => settings.intervals.indexOf(milliseconds(value)),
      from: (text) => Math.round(settings.intervals[Number(text)] / (settings.dt * 1000)),
      words: (value) => `${milliseconds(value)} ms`,
    },
    textbook: { to: String, from: (text) => text === "true" },
    onset: { to: String, from: String },
    shape: { to: String, from: String },
    model: { to: String, from: String },
    frequency: { words: (value) => `${value} Hz` },
  };
  const hold = (name) => ({ to: String, from: Number, words: String, ...HOLD[name] });
  const short = (value) =>
    Number(value.toPrecision(2))
      .toExponential()
      .replace("e", " · 10^")
      .replace(
        /\^(-?)(\d+)/,
        (_, sign, digits) => (sign ? "⁻" : "") + [...digits].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join(""),
      );

  // Ranges follow the model, panels the number of readouts.
  function arrange() {
    const { G, Q } = LAB.networks[settings.model];
    for (const [name, max, step] of [
      ["G", 5 * G, G / 4],
      ["Q", 4 * Q, Q / 10],
      ["Q_in", 4 * Q, Q / 10],
    ])
      Object.assign(inputs[name], { max, step });
    settings.outputs = outputsOf(settings.shape);
    const pair = settings.outputs === 2;
    if (find("#lab-drawing").hidden === pair) return;
    find("#lab-drawing").hidden = pair;
    for (const part of all("[data-pair]")) part.hidden = !pair;
    if (!lab.hidden) resize();
  }

  function show() {
    arrange();
    for (const [name, input] of Object.entries(inputs)) {
      const { to, words } = hold(name);
      input.value = to(settings[name]);
      const output = input.parentElement.querySelector("output");
      if (output) {
        output.textContent = words(settings[name]);
        input.setAttribute("aria-valuetext", words(settings[name]));
      }
    }
    find("#lab-link").value = link();
    compare();
  }

  // Settings as a link holds them: only what differs from the defaults.
  function link() {
    const parts = new URLSearchParams();
    const usual = { ...base(settings.model), model: defaults.model };
    for (const name of Object.keys(inputs)) {
      if (settings[name] !== usual[name]) parts.set(name, hold(name).to(settings[name]));
    }
    if (settings.shape === "own") parts.set("own", points.map((y) => Math.round(50 * y)).join("_"));
    return `${location.href.split("#")[0]}#lab?${parts}`;
  }

  // A value that the control could not have is left out; the model comes first, as others depend on it.
  function read(parts) {
    const model = parts.get("model") in LAB.networks ? parts.get("model") : defaults.model;
    settings = base(model);
    arrange();
    const found = {};
    for (const [name, input] of Object.entries(inputs)) {
      const text = parts.get(name);
      if (text === null) continue;
      if (
        input.tagName === "SELECT"
          ? ![...input.options].some((option) => option.value === text)
          : !(text.trim() && Number(text) >= input.min && Number(text) <= input.max)
      )
        continue;
      if (input.type === "number" && !Number.isInteger(Number(text))) continue;
      if (input.type === "range" && name !== "alpha") {
        input.value = text; // which goes to the nearest step
        if (Number(input.value) !== Number(text)) continue;
      }
      found[name] = hold(name).from(text);
    }
    size = found.N ?? defaults.N;
    if ("N" in found && !("alpha" in found)) found.alpha = alphaOf({ ...settings, ...found });
    Object.assign(settings, found);
    const drawn = parts
      .get("own")
      ?.split("_")
      .map((y) => Number(y) / 50);
    if (drawn?.length === points.length && drawn.every((y) => Math.abs(y) <= 1)) points = drawn;
  }

  // 3. The worker.
  let worker = null;
  let state = null; // of the network that runs
  const bytes = Uint8Array.from(atob(LAB.module), (letter) => letter.charCodeAt(0));
  const program = URL.createObjectURL(new Blob([LAB.worker], { type: "text/javascript" }));

  function fresh() {
    return {
      running: false,
      ready: false,
      learns: false,
      silenced: false,
      diverged: false,
      planned: null,
      watched: null,
      pressed: performance.now(),
      first: null,
      step: 0,
      updates: 0,
      spikes: [],
      decoders: [],
      marks: [],
      rates: [],
      switched: null,
      locked: null,
      signs: [],
      forgot: 0,
      changed: 0,
      looked: 0,
      whole: {
        every: 1,
        number: 0,
        until: 0,
        turned: NaN,
        middle: [],
        error: [],
        amplitude: [],
        teacher: [],
        phase: [],
      },
      pace: [],
      queue: [],
    };
  }

  function stop() {
    worker?.terminate();
    worker = null;
    state = null;
    pressed("learn", false, "RLS on");
    pressed("silence", false, "Silence a fifth");
    enable(false);
    for (const name of ["keep", "data", "picture"]) button(name).disabled = true;
    for (const each of all("[data-pulse]")) each.removeAttribute("data-on");
    button("run").textContent = "Start";
    for (const output of all("dd[data-reading]")) output.textContent = "–";
    for (const name of Object.keys(lab.dataset)) delete lab.dataset[name];
    draw();
  }

  // RLS is switched on after so many seconds, if any are given.
  function start(learns = null) {
    stop();
    state = fresh();
    millisecond = Math.round(0.001 / settings.dt);
    state.running = true;
    state.planned = learns;
    button("run").textContent = "Pause";
    say(`Drawing a network of ${settings.N} neurons …`);
    const fail = (words) => {
      const what = state.ready ? "has stopped" : "could not be started";
      stop();
      say(`The network ${what}: ${words}`);
    };
    try {
      worker = new Worker(program);
    } catch (error) {
      return fail(error.message);
    }
    const mine = worker;
    worker.onmessage = ({ data }) => mine === worker && HEAR[Object.keys(data)[0]](Object.values(data)[0]);
    worker.onerror = (event) => mine === worker && fail(event.message);
    const own = harmonics();
    worker.postMessage({ start: { ...settings, own, learns: false }, bytes });
  }

  const HEAR = {
    ready: (news) => ready(news),
    learning: (news) => learning(news),
    frame: (news) => receive(news),
    decoder: (news) => save_data(news),
  };

  // RLS has come on, or gone off.
  function learning({ on, step }) {
    state.marks.push([step, on]);
    state.switched = on && state.learns ? step : null; // it may have been switched off since
    const pulses = settings.shape === "memory" ? " Pulses come by themselves until it goes off." : "";
    if (on && state.learns)
      say(
        `RLS is on: it changes all ${settings.N} decoders every ${hold("every").words(settings.every)}.${pulses}`,
      );
  }

  function ready({ synapses, signs }) {
    state.ready = true;
    state.signs = signs;
    enable(true);
    say(
      `${settings.N} neurons and ${synapses.toLocaleString("en")} synapses. The decoder is zero: the network fires on without any task, and the readout is flat.`,
    );
    worker.postMessage({ run: state.running && !document.hidden });
    worker.postMessage({ more: true });
    worker.postMessage({ more: true });
    lab.dataset.ready = "true";
  }

  // 4. What happened: one sample each millisecond, of the last minute.
  const KEPT = 65536;
  const history = Object.fromEntries(
    ["z", "target", "z2", "target2", "input", "potential", "error"].map((name) => [
      name,
      new Float32Array(KEPT),
    ]),
  );
  let millisecond = 20; // time steps
  const at = (ms) => ((ms % KEPT) + KEPT) % KEPT;

  function receive(frame) {
    if (state.first === null) {
      state.first = performance.now() - state.pressed;
      lab.dataset.started = state.first.toFixed(0);
    }
    const from = Math.round(frame.start / millisecond);
    for (const name of Object.keys(history))
      frame[name]?.forEach((value, k) => (history[name][at(from + k)] = value));
    if (state.watched !== null && frame.watched !== state.watched)
      frame.potential.forEach((_, k) => (history.potential[at(from + k)] = NaN));
    for (let k = 0; k < frame.spikes.length; k += 2)
      state.spikes.push([frame.spikes[k], frame.spikes[k + 1]]);
    state.step = frame.start + frame.steps;
    state.updates = frame.updates;
    state.decoders.push([state.step, frame.decoder]);
    state.rates.push([state.step, frame.number, frame.steps]);
    state.pace.push([performance.now(), state.step]);
    state.capacity = frame.capacity;
    state.memory = frame.memory;
    const oldest = state.step - 3000 * millisecond;
    if (state.spikes.length && state.spikes[0][1] < oldest - 1000 * millisecond)
      state.spikes = state.spikes.filter(([, step]) => step >= oldest);
    while (state.decoders.length && state.decoders[0][0] < oldest) state.decoders.shift();
    while (state.rates.length && state.rates[0][0] < state.step - 500 * millisecond) state.rates.shift();
    while (state.pace.length > 2 && state.pace[1][0] < performance.now() - 1000) state.pace.shift();
    look();
    follow();
    if (state.planned !== null && state.step * settings.dt >= state.planned && !frame.diverged) DO.learn();
    if (frame.diverged && !state.diverged) {
      state.diverged = true;
      pause();
      button("run").textContent = "Start";
      enable(false);
      if (document.activeElement.disabled) button("run").focus();
      state.learns = false;
      pressed("learn", false, "RLS on");
      say(
        `The readout has passed ${defaults.limit}: learning diverged, and the network was stopped. Begin anew, with the first update at a zero of the teacher, a smaller α or the gain of the textbook.`,
      );
    }
    state.queue.push(frame);
    if (state.queue.length === 1) requestAnimationFrame(paint);
  }

  function paint() {
    if (!state?.queue.length) return;
    const frames = state.queue;
    state.queue = [];
    for (const name of MOVING) DRAW[name]();
    hum();
    alive(frames);
    frames.forEach(() => worker.postMessage({ more: true }));
  }

  // Spikes are those of the neurons that are shown.
  function alive(frames) {
    const now = at(Math.floor(state.step / millisecond) - 1);
    live({
      spikes: frames.flatMap(({ spikes }) => Array.from(spikes).filter((_, k) => k % 2 === 0)),
      z: history.z[now],
      target: history.target[now],
      learns: state.learns && state.switched !== null,
    });
  }

  const number_of = (value) => (value < 10 ? value.toFixed(3) : value.toPrecision(2));

  // RMS error over the last milliseconds.
  function rms(ms, until = Math.floor(state.step / millisecond)) {
    const from = Math.max(0, until - ms);
    let sum = 0;
    for (let k = from; k < until; k++) sum += history.error[at(k)];
    return Math.sqrt(sum / Math.max(1, until - from));
  }

  // Has the readout locked since RLS came on? It must stay within 0.2 for 100 ms.
  function look() {
    if (!state.learns || state.locked !== null || state.switched === null || !fundamental()) return;
    const begin = Math.ceil(state.switched / millisecond);
    const end = Math.floor(state.step / millisecond);
    for (let ms = Math.max(begin, end - 2000, state.looked); ms + 100 <= end; ms++) {
      state.looked = ms;
      let most = 0;
      for (let k = ms; k < ms + 100; k++) most = Math.max(most, history.error[at(k)]);
      if (settings.outputs * most < 0.04) {
        state.locked = (ms - begin) / 1000;
        lab.dataset.locked = state.locked;
        const when = ms === begin ? "From the first update on" : `Since ${ms - begin} ms after RLS came on`;
        say(`Locked. ${when} the readout has stayed within 0.2 of the teacher.`);
        return;
      }
    }
  }

  // The frequency at which the teacher repeats itself; zero for the memory, which does not.
  const fundamental = () => LAB.fundamentals[settings.shape] * settings.frequency;

  // Measures over the last whole periods of the teacher, two or a second of them; null before they are over.
  function measure() {
    const frequency = fundamental();
    if (!frequency) return null;
    const periods = Math.max(2, Math.ceil(frequency));
    const samples = Math.max(2 * MEASURES.period(frequency, 0.001), Math.round((1000 * periods) / frequency));
    const first = Math.floor(state.step / millisecond) - samples;
    if (first < Math.max(state.forgot, state.changed)) return null;
    const [z, target] = [history.z, history.target].map((values) =>
      Array.from({ length: samples }, (_, k) => values[at(first + k)]),
    );
    return MEASURES.last(z, target, 0.001, frequency, first);
  }

  // The whole run: error, amplitude and phase of the last period, every 25 ms, and less often in a long run.
  function follow() {
    const { whole } = state;
    const [frequency, now] = [fundamental(), Math.floor(state.step / millisecond)];
    const size = frequency ? MEASURES.period(frequency, 0.001) : 1000;
    const of = (values, end) => MEASURES.fundamental((k) => values[at(k)], end - size, end, 0.001, frequency);
    for (; whole.until + 25 <= now; whole.until += 25) {
      const end = whole.until + 25;
      if (end < size) continue;
      const [own, given] = [of(history.z, end), of(history.target, end)];
      const known = frequency && end - size >= state.changed;
      const told = known && given.amplitude > 1e-3 && own.amplitude >= MEASURES.LEAST * given.amplitude;
      const ahead = MEASURES.wrapped(own.phase - given.phase);
      // It goes on from where it was, over whole turns, but not over a gap.
      const before = Number.isNaN(whole.turned) ? 0 : whole.turned;
      whole.turned = told ? before + MEASURES.wrapped(ahead - before) : NaN;
      if (++whole.number % whole.every) continue;
      whole.middle.push(end - size / 2);
      whole.error.push(rms(size, end));
      whole.amplitude.push(known ? own.amplitude : NaN);
      whole.teacher.push(known ? given.amplitude : NaN);
      whole.phase.push((whole.turned * 180) / Math.PI);
    }
    if (whole.middle.length <= 1200) return;
    whole.every *= 2;
    for (const name of Object.keys(STRIPS)) whole[name] = whole[name].filter((_, k) => k % 2);
  }
  const STRIPS = { middle: 0, error: 0, amplitude: 0, teacher: 0, phase: 0 };

  // The liveliest of the shown neurons with E > 0 that are never silenced is watched, once half a second is there to judge by.
  function watch() {
    const number = new Array(state.signs.length).fill(0);
    for (const [neuron] of state.spikes)
      number[neuron] += state.signs[neuron] < 0 || neuron % 5 === 4 ? 0 : 1;
    state.watched = number.indexOf(Math.max(...number));
    worker.postMessage({ set: { watched: state.watched } });
    history.potential.fill(NaN);
  }

  function readings() {
    if (!state?.ready || !state.pace.length) return;
    if (state.watched === null && state.step * settings.dt > 0.5) watch();
    const put = (name, words) => (find(`[data-reading="${name}"]`).textContent = words);
    const seconds = state.step * settings.dt;
    const error = rms(200);
    const [first, last] = [state.pace[0], state.pace.at(-1)];
    const speed = ((last[1] - first[1]) * settings.dt * 1000) / Math.max(1, last[0] - first[0]);
    const [number, steps] = state.rates.reduce(([n, s], [, a, b]) => [n + a, s + b], [0, 0]);
    const found = measure();
    const hertz = found?.frequency;
    const degrees = found && found.phase !== null ? (found.phase * 180) / Math.PI : null;
    put("watched", state.watched ?? settings.watched);
    put("time", `${seconds.toFixed(settings.pace === 0.1 ? 2 : 1)} s`);
    put("error", number_of(error));
    put("aligned", found && found.aligned !== null ? number_of(found.aligned) : "–");
    put("amplitude", found ? number_of(found.amplitude) : "–");
    put("phase", degrees === null ? "–" : `${Math.round(degrees)}°`.replace("-", "−"));
    put("frequency", hertz ? `${hertz.toFixed(2)} Hz` : "–");
    put("rate", `${(number / settings.N / (steps * settings.dt)).toFixed(1)} Hz`);
    put("updates", state.updates.toLocaleString("en"));
    put("speed", state.running ? `${speed.toFixed(2)} ×` : "paused");
    const told = [`RMS error ${error.toPrecision(2)}`];
    const now = at(Math.floor(state.step / millisecond) - 1);
    if (!fundamental())
      told.push(`readout ${history.z[now].toFixed(1)}`, `teacher ${history.target[now].toFixed(0)}`);
    if (found) told.push(`amplitude of the readout ${found.amplitude.toFixed(2)}`);
    if (hertz) told.push(`frequency ${hertz.toFixed(1)} hertz`, `phase ${degrees.toFixed(0)} degrees ahead`);
    canvas.readout.setAttribute("aria-label", `Readout and teacher over time. ${told.join(", ")}.`);
    for (const name of WHOLE) DRAW[name]();
    Object.assign(lab.dataset, {
      time: seconds,
      error,
      aligned: found?.aligned ?? "",
      amplitude: found?.amplitude ?? "",
      phase: degrees ?? "",
      frequency: hertz ?? "",
      speed,
      updates: state.updates,
      memory: state.memory,
      capacity: state.capacity,
      learns: state.learns,
      diverged: state.diverged,
      running: state.running,
    });
  }
  setInterval(readings, 250);

  // 5. What the reader does.
  const button = (name) => find(`[data-do="${name}"]`);
  const say = (words) => (find(".lab-status").textContent = words);
  // What can be done to a network that runs, and to none else.
  function enable(on) {
    for (const name of ["learn", "kick", "silence", "forget"]) button(name).disabled = !on;
    for (const each of all("[data-pulse]")) each.disabled = !on;
    // What is over can be kept, too.
    if (on) for (const name of ["keep", "data", "picture"]) button(name).disabled = false;
  }
  function pressed(name, on, words) {
    button(name).toggleAttribute("data-on", on); // not aria-pressed: the words say what a press will do
    button(name).textContent = words;
  }

  function pause() {
    state.running = false;
    worker.postMessage({ run: false });
    button("run").textContent = "Go on";
    readings();
    hum();
  }

  const MOMENTS = {
    zero: "at the next zero of the teacher",
    later: "one interval after the next zero of the teacher",
    crest: "at the next crest of the teacher",
  };
  const wait = () =>
    settings.onset in MOMENTS
      ? `RLS comes on ${MOMENTS[settings.onset]}, or after a period without one …`
      : "";

  // The readout comes into sight with what is pressed.
  function sight() {
    const below = canvas.readout.getBoundingClientRect().bottom + 8 - window.innerHeight;
    if (below > 0) window.scrollBy(0, below);
  }

  const DO = {
    run() {
      if (!state) return start();
      if (state.diverged) return start();
      if (state.running) return pause();
      state.running = true;
      state.pace = [];
      button("run").textContent = "Pause";
      worker.postMessage({ run: true });
    },
    learn() {
      state.learns = !state.learns;
      state.planned = null;
      worker.postMessage({ set: { learns: state.learns } });
      state.locked = null;
      delete lab.dataset.locked;
      pressed("learn", state.learns, state.learns ? "RLS off" : "RLS on");
      if (state.learns) {
        if (wait()) say(wait());
      } else {
        state.switched = null;
        say("RLS is off: the decoder stays as it is, and the network goes on alone.");
      }
    },
    kick() {
      worker.postMessage({ act: "kick" });
      say("Kicked: every membrane potential was drawn anew.");
    },
    silence() {
      state.silenced = !state.silenced;
      worker.postMessage({ act: state.silenced ? "silence" : "wake" });
      pressed("silence", state.silenced, state.silenced ? "Wake them" : "Silence a fifth");
      say(
        state.silenced
          ? `${Math.floor(settings.N / 5)} neurons, every fifth, are held where they are and spike no more.`
          : "All neurons take part again.",
      );
    },
    forget() {
      worker.postMessage({ act: "forget" });
      state.forgot = Math.ceil(state.step / millisecond);
      state.decoders = [];
      state.locked = state.switched = null;
      delete lab.dataset.locked;
      const then = state.learns ? ` ${wait()}` : "";
      say(`The decoder is zero again, and P is α times the identity.${then}`.trim());
    },
    renew() {
      start();
    },
    sound() {
      listen(!sound);
    },
    keep() {
      const { whole, marks } = state;
      kept = {
        whole: Object.fromEntries(Object.keys(STRIPS).map((name) => [name, [...whole[name]]])),
        first: onset(marks),
        settings: { ...settings },
      };
      button("drop").hidden = false;
      compare();
      say("Kept: the strips of the whole run show it pale, behind the runs that follow.");
    },
    drop() {
      kept = null;
      button("drop").hidden = true;
      button("keep").focus();
      compare();
      say("No run is kept.");
    },
    data() {
      worker.postMessage({ ask: "decoder" }); // and what comes is saved
    },
    picture() {
      save_picture();
    },
    flatten() {
      points.fill(0);
      drew();
    },
    async share() {
      const field = find("#lab-link");
      field.value = link();
      try {
        await navigator.clipboard.writeText(field.value);
        say("The link is copied.");
      } catch {
        field.focus();
        field.select();
        say("Copying is not allowed here: the link is selected, for you to copy.");
      }
    },
  };
  for (const each of all("[data-do]"))
    each.addEventListener("click", () => {
      DO[each.dataset.do]();
      if (each.matches(".lab-bar *")) sight();
    });

  // A pulse lasts as long as its button is pressed, by pointer or key. A click that comes without is that of a screen reader.
  for (const each of all("[data-pulse]")) {
    const press = (on) => {
      if (each.disabled || each.hasAttribute("data-on") === on) return;
      each.toggleAttribute("data-on", on);
      worker.postMessage({ press: on ? Number(each.dataset.pulse) : 0 });
    };
    const on_key = (event, on) => {
      if (![" ", "Enter"].includes(event.key)) return;
      event.preventDefault();
      press(on);
    };
    each.addEventListener("keydown", (event) => on_key(event, true));
    each.addEventListener("keyup", (event) => on_key(event, false));
    each.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      each.setPointerCapture(event.pointerId);
      press(true);
    });
    for (const end of ["pointerup", "pointercancel", "blur"]) each.addEventListener(end, () => press(false));
    each.addEventListener("contextmenu", (event) => event.preventDefault()); // of a long touch
    each.addEventListener("click", ({ detail }) => {
      if (!detail) [true, false].forEach(press);
    });
  }

  function choose(changes) {
    size = changes.N ?? size;
    if ("model" in changes) {
      const network = LAB.networks[changes.model];
      changes = { ...network, ...changes, N: Math.min(size, network.N) };
    }
    if ("N" in changes) changes.alpha = alphaOf({ ...settings, ...changes });
    const anew =
      ["N", "seed", "model"].some((name) => name in changes && changes[name] !== settings[name]) ||
      outputsOf(changes.shape ?? settings.shape) !== settings.outputs;
    Object.assign(settings, changes);
    show();
    if (anew && state) return start();
    if (state && ["frequency", "shape", "own"].some((name) => name in changes))
      state.changed = Math.ceil(state.step / millisecond);
    DRAW.own();
    worker?.postMessage({ set: changes });
  }

  for (const [name, input] of Object.entries(inputs)) {
    input.addEventListener(input.type === "range" ? "input" : "change", () => {
      if (input.type === "number" && !(input.value && input.checkValidity())) {
        say(`Seed = ${input.value || "nothing"} must be a whole number from ${input.min} to ${input.max}.`);
        return;
      }
      choose({ [name]: hold(name).from(input.value), ...(name === "shape" ? { own: harmonics() } : {}) });
      if (name === "frequency" && settings.shape === "own") drew();
    });
  }

  function preset(name) {
    const { learns, ...preset } = LAB.presets[name];
    const own = base(preset.model ?? defaults.model);
    const N = Math.min(size, own.N); // what the reader's machine can do, and so is the pace
    settings = { ...own, ...preset, N, pace: settings.pace };
    settings.alpha *= own.N / N;
    show();
    start(learns);
  }
  for (const each of document.querySelectorAll("[data-preset]")) {
    each.addEventListener("click", () => {
      if (lab.hidden) open();
      preset(each.dataset.preset);
      const back = find(".lab-back");
      back.hidden = lab.contains(each);
      if (!back.hidden) {
        const section = each.closest("section");
        back.href = `#${section.id}`;
        back.textContent = `Back to ${section.querySelector("h1, h2, h3").firstChild.textContent}`;
        lab.scrollIntoView({ block: "start" });
        button("run").focus({ preventScroll: true });
      }
    });
  }

  // What the keyboard reaches comes out from under the buttons; browsers see to that, but not for text fields.
  lab.addEventListener("focusin", ({ target }) => {
    requestAnimationFrame(() => {
      const bar = find(".lab-bar");
      const stuck = getComputedStyle(find(".lab-status")).position === "sticky" ? find(".lab-status") : bar;
      const covered = stuck.getBoundingClientRect().bottom + 16 - target.getBoundingClientRect().top;
      if (covered > 0 && !bar.contains(target) && target.matches(":focus-visible"))
        window.scrollBy(0, -covered);
    });
  });

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) sound?.context.suspend();
    else sound?.context.resume();
    if (!state?.running || !state.ready) return;
    worker.postMessage({ run: !document.hidden });
    state.pace = [];
  });

  // 6. Sound: the readout as the pitch of a tone, 400 Hz for zero and half an octave up for one.
  let sound = null;
  function listen(on) {
    if (on) {
      const context = new AudioContext();
      const [tone, volume] = [context.createOscillator(), context.createGain()];
      volume.gain.value = 0;
      tone.connect(volume).connect(context.destination);
      tone.start();
      sound = { context, tone, volume };
    } else {
      sound.context.close();
      sound = null;
    }
    pressed("sound", on, on ? "Sound off" : "Sound");
  }
  function hum() {
    if (!sound) return;
    const { context, tone, volume } = sound;
    volume.gain.setTargetAtTime(state?.running ? 0.1 : 0, context.currentTime, 0.02);
    if (!state?.step) return;
    const z = Math.max(-2, Math.min(2, history.z[at(Math.floor(state.step / millisecond) - 1)]));
    tone.frequency.setTargetAtTime(400 * 2 ** (z / 2), context.currentTime, 0.01);
  }

  // 7. A run that is kept, and files.
  let kept = null;
  // When RLS first came on, in milliseconds.
  const onset = (marks) => {
    const first = marks.find(([, on]) => on);
    return first ? first[0] / millisecond : null;
  };

  // Say in what the kept run was set otherwise.
  function compare() {
    const key = find("[data-kept]");
    key.hidden = !kept;
    if (kept) {
      const others = Object.keys(inputs).filter(
        (name) => name !== "pace" && kept.settings[name] !== settings[name],
      );
      const words = others.map((name) => described(name, kept.settings[name]));
      find("[data-kept-words]").textContent = words.length ? `\u00a0(${words.join(", ")})` : "";
    }
    if (!lab.hidden) for (const name of WHOLE) DRAW[name]();
  }
  function described(name, value) {
    const input = inputs[name];
    const { to, words } = hold(name);
    const option = [...(input.options ?? [])].find((each) => each.value === to(value));
    return `${input.parentElement.querySelector("label").textContent} ${option ? option.textContent : words(value)}`;
  }

  function save(name, blob) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `live-lab-seed-${settings.seed}.${name}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    say(`Saved as ${link.download}.`);
  }

  // Of the last minute, with what is needed to draw the network anew.
  function save_data(decoder) {
    const stop = Math.floor(state.step / millisecond);
    const start = Math.max(0, stop - KEPT);
    const samples = (values) =>
      Array.from({ length: stop - start }, (_, k) => Number(values[at(start + k)].toPrecision(6)));
    const data = {
      about:
        "A run of the live lab: readout and target at t = start + k * step, in seconds; input: pulses; decoders of all neurons at the end, in seconds, of one readout after the other; rls: when RLS came on (true) or went off.",
      settings: { ...settings, ...(settings.shape === "own" ? { own: harmonics() } : {}) },
      start: start / 1000,
      step: 0.001,
      rls: state.marks.map(([step, on]) => [step * settings.dt, on]),
      readout: samples(history.z),
      target: samples(history.target),
      ...(settings.outputs === 2 ? { readout2: samples(history.z2), target2: samples(history.target2) } : {}),
      input: samples(history.input),
      decoder: Array.from(decoder),
    };
    save("json", new Blob([JSON.stringify(data)], { type: "application/json" }));
  }

  // All panels one below the other, with their captions.
  function save_picture() {
    draw();
    const panels = [...MOVING, ...WHOLE].map((name) => canvas[name]).filter((each) => each.width);
    const scale = panels[0].width / panels[0].clientWidth;
    const [row, edge] = [22, 8];
    const sheet = document.createElement("canvas");
    sheet.width = panels[0].width + 2 * edge * scale;
    sheet.height = panels.reduce((sum, { height }) => sum + height + row * scale, (row + 2 * edge) * scale);
    const context = sheet.getContext("2d");
    context.scale(scale, scale);
    context.fillStyle = getComputedStyle(document.body).backgroundColor;
    context.fillRect(0, 0, sheet.width, sheet.height);
    context.font = `13px ${getComputedStyle(lab).fontFamily}`;
    context.textBaseline = "middle";
    let [x, y] = [edge, edge + row / 2];
    const write = (words, colour) => {
      context.fillStyle = colour;
      context.fillText(words, x, y);
      x += context.measureText(words).width;
    };
    const changed = Object.keys(inputs).filter(
      (name) => name !== "pace" && (["N", "seed"].includes(name) || settings[name] !== defaults[name]),
    );
    write(`Live lab. ${changed.map((name) => described(name, settings[name])).join(", ")}`, colours.line);
    y += row / 2;
    for (const each of panels) {
      [x, y] = [edge, y + row / 2];
      const [caption, ...keys] = each.parentElement.querySelectorAll(
        "figcaption, .lab-key:not([hidden]) > span:not([hidden])",
      );
      write(
        [...caption.childNodes]
          .filter((node) => !node.className)
          .map((node) => node.textContent)
          .join(""),
        colours.line,
      );
      for (const key of keys) {
        x += 14;
        context.fillStyle = colours[key.firstChild.className.slice("lab-".length)] ?? colours.up;
        context.fillRect(x, y - 2, 16, 4);
        x += 20;
        write(key.textContent, colours.text);
      }
      y += row / 2;
      context.drawImage(each, edge, y, each.clientWidth, each.clientHeight);
      y += each.clientHeight;
    }
    sheet.toBlob((blob) => save("png", blob));
  }

  // 8. A teacher drawn by hand: one period in 96 points, of which the harmonics below 15 Hz are taken.
  // Heights are rounded as in a link, so that a link holds the drawing itself.
  const rounded = (y) => Math.round(50 * Math.max(-1, Math.min(1, y))) / 50;
  let points = Array.from({ length: 96 }, (_, k) =>
    rounded(0.6 * Math.sin((2 * Math.PI * k) / 96) + 0.35 * Math.sin((4 * Math.PI * k) / 96)),
  );
  const places = 24;
  let place = 0;
  function harmonics() {
    const most = Math.max(1, Math.min(20, Math.floor(15 / settings.frequency)));
    const [mean, cosines, sines] = [points.reduce((sum, y) => sum + y, 0) / points.length, [], []];
    for (let k = 1; k <= most; k++) {
      let [a, b] = [0, 0];
      points.forEach((y, j) => {
        const angle = (2 * Math.PI * k * j) / points.length;
        a += y * Math.cos(angle);
        b += y * Math.sin(angle);
      });
      cosines.push((2 * a) / points.length);
      sines.push((2 * b) / points.length);
    }
    return { mean, cosines, sines };
  }

  function drew() {
    choose({ shape: "own", own: harmonics() });
    draw();
  }
  const canvas = Object.fromEntries(all("canvas").map((each) => [each.dataset.panel, each]));
  let pen = null; // the last point
  function stroke(event) {
    const box = canvas.own.getBoundingClientRect();
    const k = Math.max(0, Math.min(95, Math.floor(((event.clientX - box.left) / box.width) * 96)));
    const y = Math.max(-1, Math.min(1, 1 - (2 * (event.clientY - box.top)) / box.height));
    const [j, from] = pen ?? [k, y];
    const length = Math.max(1, Math.abs(k - j));
    for (let i = 0; i <= length; i++)
      points[Math.round(j + ((k - j) * i) / length)] = rounded(from + ((y - from) * i) / length);
    pen = [k, y];
    drew();
  }
  canvas.own.addEventListener("pointerdown", (event) => {
    canvas.own.setPointerCapture(event.pointerId);
    stroke(event);
  });
  canvas.own.addEventListener("pointermove", (event) => pen && stroke(event));
  for (const end of ["pointerup", "pointercancel"]) canvas.own.addEventListener(end, () => (pen = null));
  canvas.own.addEventListener("keydown", (event) => {
    const turn = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, 0.1],
      ArrowDown: [0, -0.1],
      Home: [0, -2],
      End: [0, 2],
    }[event.key];
    if (!turn) return;
    event.preventDefault();
    place = (place + turn[0] + places) % places;
    if (turn[1]) {
      points.fill(rounded(points[4 * place + 2] + turn[1]), 4 * place, 4 * place + 4);
      drew();
    } else draw();
  });

  // 9. Drawing.
  let colours = {};
  function look_up() {
    const style = getComputedStyle(lab);
    for (const name of ["up", "down", "line", "teacher", "second", "grid", "text", "kept"])
      colours[name] = style.getPropertyValue(`--lab-${name}`).trim();
    Object.assign(colours, { pulse: colours.line, orbit: colours.teacher });
    colours.many = [
      "#0072b2",
      "#d55e00",
      "#009e73",
      "#cc79a7",
      "#b98500",
      "#3f9bd0",
      "#6e6e6e",
      colours.line,
      "#8a63b8",
      "#7d9b2a",
    ];
  }
  new MutationObserver(() => {
    look_up();
    draw();
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });

  function resize() {
    const scale = Math.min(2, window.devicePixelRatio || 1);
    for (const each of Object.values(canvas)) {
      each.width = Math.round(each.clientWidth * scale);
      each.height = Math.round(each.clientHeight * scale);
      each.getContext("2d").setTransform(scale, 0, 0, scale, 0, 0);
    }
    look_up();
    draw();
  }
  new ResizeObserver(resize).observe(lab);

  const LEFT = 44;
  // The last milliseconds that a panel shows: it takes a few updates to diverge.
  const recent = (span) => ({
    span: state?.diverged ? 50 : span,
    apart: state?.diverged ? 10 : span < 500 ? 100 : 500,
  });
  // All of a run.
  const LENGTHS = [15, 30, 60, 120, 300, 600, 1200, 3600].map((seconds) => 1000 * seconds);
  function entire() {
    const now = state ? state.step / millisecond : 0;
    const span = LENGTHS.find((length) => length >= now) ?? now;
    return { span, apart: span / 5, begin: 0 };
  }

  // An empty panel with its axes: `ticks` are pairs of a height between 0 (bottom) and 1, and words. It shows `span`
  // milliseconds from `begin` on, or the last ones, with a tick every `apart`.
  function panel(name, ticks, { times = false, span, apart, begin } = {}) {
    const context = canvas[name].getContext("2d");
    const [width, height] = [canvas[name].clientWidth, canvas[name].clientHeight];
    const bottom = height - (times ? 34 : 6);
    const top = 6;
    if (!span) ({ span, apart } = recent(width < 480 ? 1000 : 2000));
    const now = state ? state.step / millisecond : 0;
    begin ??= now - span;
    const x = (ms) => LEFT + ((ms - begin) / span) * (width - LEFT - 6);
    const y = (share) => bottom - share * (bottom - top);
    context.clearRect(0, 0, width, height);
    context.font = `12px ${getComputedStyle(lab).fontFamily}`;
    context.lineWidth = 1;
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const [share, words] of ticks) {
      context.strokeStyle = colours.grid;
      context.beginPath();
      context.moveTo(LEFT, y(share));
      context.lineTo(width - 6, y(share));
      context.stroke();
      context.fillStyle = colours.text;
      context.fillText(words, LEFT - 5, y(share));
    }
    if (state) {
      context.fillStyle = colours.teacher;
      context.globalAlpha = 0.1;
      state.marks.forEach(([step, on], k) => {
        if (!on) return;
        const end = k + 1 < state.marks.length ? state.marks[k + 1][0] : state.step;
        const [a, b] = [Math.max(LEFT, x(step / millisecond)), x(end / millisecond)];
        if (b > a) context.fillRect(a, top, b - a, bottom - top);
      });
      context.globalAlpha = 1;
    }
    context.textAlign = "center";
    for (let ms = Math.ceil(begin / apart) * apart; ms <= begin + span; ms += apart) {
      if (ms < 0) continue;
      context.strokeStyle = colours.grid;
      context.beginPath();
      context.moveTo(x(ms), bottom);
      context.lineTo(x(ms), bottom + 4);
      context.stroke();
      context.fillStyle = colours.text;
      if (times && (begin === 0 || x(ms) > LEFT + 4) && x(ms) < width - 12)
        context.fillText((ms / 1000).toFixed(apart < 100 ? 2 : apart < 1000 ? 1 : 0), x(ms), bottom + 12);
    }
    if (times) context.fillText("Time (s)", (LEFT + width) / 2, bottom + 26);
    return {
      context,
      x,
      y,
      top,
      bottom,
      from: Math.max(0, Math.ceil(now - span)),
      to: Math.floor(now),
      width,
    };
  }

  function line({ context, x, y, from, to, width }, value, colour, dash = []) {
    const each = Math.max(1, Math.floor((to - from) / (width - LEFT)));
    context.strokeStyle = colour;
    context.lineWidth = 1.6;
    context.setLineDash(dash);
    context.beginPath();
    for (let ms = Math.ceil(from / each) * each; ms < to; ms += each) {
      const share = value(ms);
      if (!Number.isNaN(share)) context.lineTo(x(ms), y(Math.max(-0.05, Math.min(1.05, share))));
    }
    context.stroke();
    context.setLineDash([]);
  }

  // A strip of the whole run: of the kept run first, which begins so that RLS comes on in both at the same place.
  function strip({ context, x, y, width }, name, share, colour) {
    const first = state ? onset(state.marks) : null;
    const late = kept && first !== null && kept.first !== null ? first - kept.first : 0;
    const runs = [
      [kept?.whole, colours.kept, late],
      [state?.whole, colour, 0],
    ];
    context.save();
    context.beginPath();
    context.rect(LEFT, 0, width - LEFT - 6, 1000);
    context.clip();
    for (const [whole, shade, shift] of runs) {
      if (!whole || (shade === colours.kept && name === "teacher")) continue;
      context.strokeStyle = shade;
      context.lineWidth = 1.6;
      context.setLineDash(name === "teacher" ? [5, 4] : []);
      context.beginPath();
      let drawn = false;
      whole.middle.forEach((ms, k) => {
        const height = y(Math.max(-0.05, Math.min(1.05, share(whole[name][k]))));
        // A gap is left where there is no value.
        if (drawn) context.lineTo(x(ms + shift), height);
        else context.moveTo(x(ms + shift), height);
        drawn = !Number.isNaN(height);
      });
      context.stroke();
    }
    context.restore();
  }
  const greatest = (name, least) =>
    [kept?.whole, state?.whole].reduce(
      (most, whole) =>
        (whole?.[name] ?? []).reduce((so_far, value) => Math.max(so_far, Math.abs(value) || 0), most),
      least,
    );

  const ceiling = (value) => {
    const power = 10 ** Math.floor(Math.log10(value));
    return [1, 1.5, 2, 3, 5, 10].find((factor) => factor * power >= value) * power;
  };

  const logarithmic = (value) => (Math.log10(Math.max(value, 1e-9)) + 3) / 4;
  const MOVING = ["readout", "raster", "orbit", "error", "decoders", "potential"];
  const WHOLE = ["run_error", "run_amplitude", "run_phase"];
  const DRAW = {
    raster() {
      const ticks = [1, 0.5, 0].map((share) => [share, `${50 * share}`]);
      const { context, x, y, from } = panel("raster", ticks, { times: true });
      if (!state) return;
      const tall = Math.max(1.5, (y(0) - y(1)) / 50 - 0.5);
      for (const kind of ["up", "down"]) {
        context.fillStyle = colours[kind];
        for (const [neuron, step] of state.spikes) {
          const ms = step / millisecond;
          if (ms >= from && state.signs[neuron] > 0 === (kind === "up"))
            context.fillRect(x(ms), y((neuron + 1) / 50), 1.6, tall);
        }
      }
    },
    readout() {
      const shown = settings.outputs === 2 ? ["z2", "target2", "z", "target"] : ["z", "target"];
      let most = 1.2;
      if (state)
        for (let k = 0; k < 2000; k++) {
          const ms = Math.floor(state.step / millisecond) - 1 - k;
          if (ms >= 0)
            for (const name of shown) most = Math.max(most, Math.abs(history[name][at(ms)]));
        }
      most = ceiling(Math.min(most, 500));
      const axes = panel("readout", [
        [1, most],
        [0.5, "0"],
        [0, `−${most}`],
      ]);
      if (!state) return;
      const look = { z: [colours.up], z2: [colours.second] };
      for (const name of shown)
        line(
          axes,
          (ms) => 0.5 + history[name][at(ms)] / most / 2,
          ...(look[name] ?? [colours.teacher, [5, 4]]),
        );
      // Pulses, at the edge to which they push.
      axes.context.fillStyle = colours.line;
      for (let ms = axes.from; ms < axes.to; ms++) {
        const input = history.input[at(ms)];
        if (input) axes.context.fillRect(axes.x(ms), axes.y(input > 0 ? 1 : 0) - 3, axes.x(1) - axes.x(0) + 0.5, 6);
      }
    },
    orbit() {
      const { width } = canvas.orbit;
      if (!width) return;
      const context = canvas.orbit.getContext("2d");
      const wide = canvas.orbit.clientWidth;
      const place = (value) => wide * (0.5 + Math.max(-1.5, Math.min(1.5, value)) / 3);
      context.clearRect(0, 0, wide, wide);
      context.font = `12px ${getComputedStyle(lab).fontFamily}`;
      context.fillStyle = colours.text;
      context.strokeStyle = colours.grid;
      context.textAlign = "center";
      for (const value of [-1, 0, 1]) {
        context.strokeRect(place(value), 0, 0.01, wide);
        context.strokeRect(0, place(value), wide, 0.01);
        const words = `${value}`.replace("-", "−");
        context.fillText(words, place(value), wide - 4);
        if (value) context.fillText(words, 10, wide - place(value) - 5);
      }
      if (!state) return;
      const to = Math.floor(state.step / millisecond);
      const from = Math.max(0, state.changed, to - 1000);
      for (const [x, y, colour, thick] of [
        [history.target, history.target2, colours.teacher, 5],
        [history.z, history.z2, colours.up, 1.6],
      ]) {
        context.strokeStyle = colour;
        context.lineWidth = thick;
        context.globalAlpha = thick > 2 ? 0.5 : 1;
        context.beginPath();
        for (let ms = from; ms < to; ms++) context.lineTo(place(x[at(ms)]), wide - place(y[at(ms)]));
        context.stroke();
      }
      context.fillStyle = colours.up;
      context.beginPath();
      context.arc(place(history.z[at(to - 1)]), wide - place(history.z2[at(to - 1)]), 5, 0, 7);
      context.fill();
      context.lineWidth = 1;
    },
    error() {
      const axes = panel(
        "error",
        [10, 1, 0.1, 0.01, 0.001].map((value) => [logarithmic(value), value]),
      );
      if (!state) return;
      let sum = 0;
      const first = Math.max(0, axes.from - 25);
      const curve = new Float32Array(axes.to - first);
      for (let ms = first; ms < axes.to; ms++) {
        sum += history.error[at(ms)];
        if (ms >= first + 25) sum -= history.error[at(ms - 25)];
        curve[ms - first] = Math.sqrt(Math.max(0, sum) / Math.min(25, ms - first + 1));
      }
      line(axes, (ms) => logarithmic(curve[ms - first]), colours.line);
    },
    decoders() {
      let most = 1e-6;
      if (state)
        for (const [, values] of state.decoders)
          for (const value of values) most = Math.max(most, Math.abs(value));
      most = ceiling(most);
      const words = `${Number((most * 1e6).toPrecision(2))}`;
      const ticks = [
        [1, words],
        [0.5, "0"],
        [0, `−${words}`],
      ];
      const axes = panel("decoders", ticks, { times: true });
      if (!state) return;
      const { context, x, y, from } = axes;
      context.lineWidth = 1.4;
      for (let k = 0; k < 10; k++) {
        context.strokeStyle = colours.many[k];
        context.beginPath();
        state.decoders.forEach(([step, values], j) => {
          const next = state.decoders[j + 1]?.[0] ?? Infinity;
          if (next / millisecond >= from)
            context.lineTo(Math.max(LEFT, x(step / millisecond)), y(0.5 + values[k] / most / 2));
        });
        context.stroke();
      }
    },
    potential() {
      // From reset to threshold.
      const [low, high] = settings.ends;
      const share = (v) => (v - low + 0.12 * (high - low)) / (1.36 * (high - low));
      const ticks = [low, high].map((v) => [share(v), `${Number(v.toFixed(1))}`.replace("-", "−")]);
      const axes = panel("potential", ticks, { times: true, ...recent(300) });
      if (!state) return;
      line(axes, (ms) => share(history.potential[at(ms)]), colours.line);
      const { context, x, y, from } = axes;
      for (const [neuron, step] of state.spikes) {
        if (neuron !== (state.watched ?? settings.watched) || step / millisecond < from) continue;
        context.beginPath();
        context.moveTo(x(step / millisecond), y(share(high)));
        context.lineTo(x(step / millisecond), y(1));
        context.stroke();
      }
    },
    run_error() {
      const ticks = [1, 0.1, 0.01].map((value) => [logarithmic(value), value]);
      strip(panel("run_error", ticks, entire()), "error", logarithmic, colours.line);
    },
    run_amplitude() {
      const most = ceiling(Math.min(greatest("amplitude", greatest("teacher", 1.2)), 500));
      const share = (value) => value / most;
      const ticks = [0, most].map((value) => [share(value), value]);
      const axes = panel("run_amplitude", ticks, entire());
      strip(axes, "teacher", share, colours.teacher);
      strip(axes, "amplitude", share, colours.up);
    },
    run_phase() {
      const most =
        [10, 45, 90, 180, 360].find((each) => each >= greatest("phase", 0)) ??
        360 * Math.ceil(greatest("phase", 0) / 360);
      const share = (value) => 0.5 + value / most / 2;
      const ticks = [
        [1, most],
        [0.5, "0"],
        [0, `−${most}`],
      ];
      strip(panel("run_phase", ticks, { times: true, ...entire() }), "phase", share, colours.up);
    },
    own() {
      const context = canvas.own.getContext("2d");
      const [width, height] = [canvas.own.clientWidth, canvas.own.clientHeight];
      const y = (value) => (height * (1 - value)) / 2;
      context.clearRect(0, 0, width, height);
      context.lineWidth = 1;
      context.strokeStyle = colours.grid;
      context.strokeRect(0, y(0), width, 0.01);
      context.fillStyle = colours.text;
      points.forEach((value, k) => context.fillRect((k * width) / 96, y(value) - 1, width / 96, 2));
      const parts = harmonics();
      context.strokeStyle = colours.teacher;
      context.lineWidth = 2;
      context.beginPath();
      for (let k = 0; k <= 200; k++) context.lineTo((k * width) / 200, y(MEASURES.series(parts, k / 200)));
      context.stroke();
      const here = points[4 * place + 2];
      const words = `place ${place + 1} of ${places}: ${here.toFixed(1)}`;
      if (canvas.own.getAttribute("aria-valuetext") !== words) {
        canvas.own.setAttribute("aria-valuetext", words);
        canvas.own.setAttribute("aria-valuenow", Math.round(100 * here));
      }
      if (canvas.own.matches(":focus-visible")) {
        context.strokeStyle = colours.up;
        context.strokeRect((place * width) / places, 1, width / places, height - 2);
      }
    },
  };
  for (const kind of ["focus", "blur"]) canvas.own.addEventListener(kind, () => draw());

  function draw() {
    if (lab.hidden) return;
    for (const part of Object.values(DRAW)) part();
    hum();
  }

  // 10. Begin.
  find("details").open = window.innerWidth >= 768;
  const wanted = location.hash.startsWith("#lab?") ? new URLSearchParams(location.hash.slice(5)) : null;
  if (wanted) read(wanted);
  show();
  const IN_PLACE = "The settings of the link are in place. Press Start.";
  if (typeof WebAssembly !== "object" || typeof Worker !== "function" || !WebAssembly.validate(bytes)) {
    tell("Your browser cannot run WebAssembly with vectors in a worker, which the live lab needs.");
    return;
  }
  for (const each of document.querySelectorAll(".lab-setup[data-preset]")) each.hidden = false;
  window.addEventListener("hashchange", () => {
    if (!location.hash.startsWith("#lab?")) return;
    read(new URLSearchParams(location.hash.slice(5)));
    show();
    if (state) start();
    else {
      draw();
      say(IN_PLACE);
    }
  });
  stop();
  if (wanted) say(IN_PLACE);
  if (calm.matches) {
    tell("Your system asks for less motion, so the live lab, which moves all the time, is not shown.");
    const all_the_same = instead.querySelector("button");
    all_the_same.hidden = false;
    all_the_same.addEventListener("click", () => {
      open();
      button("run").focus();
    });
  } else {
    open();
    if (wanted) lab.scrollIntoView();
  }
})();
