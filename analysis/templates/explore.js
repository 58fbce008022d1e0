"use strict";
// One address a question. The server draws the page; this script asks for the next one and swaps what changed.

const SWAPPED = ["controls", "answer", "title", "languages"];
let latest = 0;

function addressOf(form) {
  const choices = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) choices.append(name, value);
  return `/?${choices}`;
}

function swap(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  const focused = document.activeElement?.id;
  for (const id of SWAPPED) document.getElementById(id).replaceWith(fresh.getElementById(id));
  document.title = fresh.title;
  document.documentElement.lang = fresh.documentElement.lang;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function show(address, { isNew }) {
  const turn = ++latest;
  document.body.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(address);
    const text = await response.text();
    if (turn !== latest) return;
    swap(text);
    if (isNew) history.pushState(null, "", new URL(response.url).pathname + new URL(response.url).search);
  } catch {
    if (turn === latest) document.getElementById("unreachable").hidden = false;
  } finally {
    if (turn === latest) document.body.removeAttribute("aria-busy");
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("#controls");
  if (form) show(addressOf(form), { isNew: true });
});

document.addEventListener("submit", (event) => {
  event.preventDefault();
  show(addressOf(event.target), { isNew: true });
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='/?']");
  const isPlain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.button);
  if (!link || !isPlain) return;
  event.preventDefault();
  show(link.getAttribute("href"), { isNew: true });
});

window.addEventListener("popstate", () => show(location.href, { isNew: false }));
document.documentElement.classList.add("scripted");
