((name) => {
  "use strict";
  const figure = document.getElementById(name);
  if (!figure || figure.dataset.ready) return;
  figure.dataset.ready = "true";
  const data = JSON.parse(figure.querySelector(".explorer-data").textContent);
  const image = figure.querySelector("img");
  const caption = figure.querySelector(".explorer-caption");
  const panel = figure.querySelector(".explorer-controls");
  const controls = [...figure.querySelectorAll(".explorer-control")];
  const positions = data.controls.map((control) => control.default);

  const show = () => {
    const index = positions.reduce((sum, position, k) => sum * data.controls[k].values.length + position, 0);
    const [picture, words] = data.frames[index];
    image.src = "data:image/webp;base64," + picture;
    image.alt = data.alt + " " + words;
    caption.textContent = words;
  };

  const place = (k, position) => {
    positions[k] = position;
    const range = controls[k].querySelector("input[type=range]");
    if (range) {
      const text = data.controls[k].values[position];
      range.value = position;
      range.setAttribute("aria-valuetext", text);
      controls[k].querySelector(".explorer-value").textContent = text;
    } else {
      controls[k].querySelectorAll("input")[position].checked = true;
    }
  };

  const reset = () => {
    data.controls.forEach((control, k) => place(k, control.default));
    show();
  };

  controls.forEach((control, k) => {
    control.addEventListener("input", (event) => {
      pause();
      place(k, Number(event.target.value));
      show();
    });
  });

  // Play runs through one control, then stops. Who asked for less motion gets one step at a time.
  const play = figure.querySelector(".explorer-play");
  const time = controls.findIndex((control) => control.querySelector("[data-play]"));
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  let timer = null;
  const last = () => positions[time] === data.controls[time].values.length - 1;
  const step = () => {
    place(time, last() ? 0 : positions[time] + 1);
    show();
  };
  const pause = () => {
    if (timer === null) return;
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
    caption.setAttribute("aria-live", "polite");
  };
  if (play) {
    const name_play = () => {
      pause();
      play.textContent = calm.matches ? "Next" : "Play";
    };
    name_play();
    calm.addEventListener("change", name_play);
    play.addEventListener("click", () => {
      if (calm.matches) return step();
      if (timer !== null) return pause();
      step();
      play.textContent = "Pause";
      caption.setAttribute("aria-live", "off");
      timer = setInterval(() => (last() ? pause() : step()), 300);
    });
    document.addEventListener("visibilitychange", () => document.hidden && pause());
  }

  // Where a control has its axis in the picture, its value is dragged.
  const handle = figure.querySelector(".explorer-handle");
  const drag = (event) => {
    const { control, places } = data.drag;
    const box = handle.getBoundingClientRect();
    const distances = places.map((at) => Math.abs(at - (event.clientX - box.left) / box.width));
    pause();
    place(control, distances.indexOf(Math.min(...distances)));
    show();
  };
  handle?.addEventListener("pointerdown", (event) => {
    handle.setPointerCapture(event.pointerId);
    drag(event);
  });
  handle?.addEventListener("pointermove", (event) => handle.hasPointerCapture(event.pointerId) && drag(event));

  figure.querySelector(".explorer-reset").addEventListener("click", () => {
    pause();
    reset();
  });

  // Paper shows the default frame.
  let before = null;
  window.addEventListener("beforeprint", () => {
    pause();
    before = [...positions];
    reset();
  });
  window.addEventListener("afterprint", () => {
    if (before) before.forEach((position, k) => place(k, position));
    before = null;
    show();
  });
  reset();
  panel.hidden = false;
})
