// The drawing of the network beside the lab, alive: its neurons are those shown first in the raster, its lines carry the readout.
const enliven = (drawing) => {
  const cells = [...drawing.querySelectorAll(".cell")];
  const rls = drawing.querySelector(".rls");

  // A dot that rises and falls with a signal, beside its name.
  function level(x, y, kind) {
    const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    dot.setAttribute("class", `shape solid ${kind}`);
    dot.setAttribute("r", 4);
    dot.setAttribute("cx", x);
    drawing.append(dot);
    return (value) => dot.setAttribute("cy", y - 14 * Math.max(-1.5, Math.min(1.5, value)));
  }
  const readout = level(310, 104, "blue");
  const target = level(388, 34, "orange");

  return ({ spikes, z, target: x, learns }) => {
    const now = new Set(spikes);
    cells.forEach((cell, n) => cell.classList.toggle("spiking", now.has(n)));
    drawing.style.setProperty("--z", Math.min(1.5, Math.abs(z)).toFixed(2));
    rls.classList.toggle("unlit", !learns);
    readout(z);
    target(x);
  };
};
