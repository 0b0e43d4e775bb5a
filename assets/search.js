"use strict";
// Sphinx fetches each page that it found, for an excerpt. Browsers refuse that to a page opened from a file:
// the texts of the pages are in search_texts.js instead.
window.fetch = async (address) => {
  const name = address.slice(document.documentElement.dataset.content_root.length);
  return { text: async () => SEARCH_TEXTS[name] };
};

// Sphinx looks for the stems of the words, and "refractori" is nowhere: look for the words first.
const words = splitQuery((new URLSearchParams(location.search).get("q") || "").toLowerCase());
const summaryOfStems = Search.makeSearchSummary;
Search.makeSearchSummary = (text, stems, anchor) => summaryOfStems(text, [...stems, ...words], anchor);

// Names of the API answer to their own name only; else most that is found for FORCE would be parts of forcelib.
const objectsOf = Search.performObjectSearch;
Search.performObjectSearch = (name, terms) =>
  objectsOf(name, terms).filter(([, title]) => title.toLowerCase().split(".").pop() === name);
