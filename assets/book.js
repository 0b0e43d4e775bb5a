// On paper a page has light colours, and nothing is folded but the code that draws figures.
(() => {
  const root = document.documentElement;
  let theme;

  window.addEventListener("beforeprint", () => {
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    for (const fold of document.querySelectorAll("details:not([open], .toggle-details, .above-input)")) {
      fold.open = true;
      fold.dataset.opened = "for print";
    }
  });

  window.addEventListener("afterprint", () => {
    root.dataset.theme = theme;
    for (const fold of document.querySelectorAll("details[data-opened]")) {
      fold.open = false;
      delete fold.dataset.opened;
    }
  });
})();
