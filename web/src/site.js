// What every page has: suggestions under the search field (an ARIA combobox over /entities), and the
// days of the header, which stay out of the address while they are empty.
import { say } from "./texts.js";

const field = document.querySelector("#site-search");
const list = document.querySelector("#site-suggestions");
const told = document.querySelector("#site-found");
const days = ["as-of", "valid-on"];
const here = new URLSearchParams(location.search);
const chosenDays = days.filter((day) => here.get(day)).map((day) => [day, here.get(day)]);
let asked = 0;
let chosen = -1;
let timer;

document.querySelector("form.moment").addEventListener("submit", (event) => {
  for (const name of days) {
    const input = event.target.elements[name];
    if (!input.value) input.disabled = true;
  }
});
for (const form of document.querySelectorAll("form.filters")) {
  form.addEventListener("submit", () => {
    for (const input of form.elements) if (input.name && !input.value) input.disabled = true;
  });
}
window.addEventListener("pageshow", () => { // back from where a form led to
  for (const input of document.querySelectorAll("form [name]:disabled")) input.disabled = false;
});

function close() {
  list.hidden = true;
  list.replaceChildren();
  chosen = -1;
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

function option(row, number) {
  const item = document.createElement("li");
  item.id = `suggestion-${number}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  const page = new URL(row.page, location.href);
  for (const [day, value] of chosenDays) page.searchParams.set(day, value);
  item.dataset.page = page.pathname + page.search;
  const name = document.createElement("bdi");
  name.textContent = row.match ?? row.label;
  const more = document.createElement("span");
  more.textContent = row.kind.replaceAll("-", " ") + (row.match === row.label ? "" : ` · ${row.label}`);
  item.append(name, " ", more);
  return item;
}

async function suggest() {
  const words = field.value.trim();
  const turn = ++asked;
  if (words.length < 2) return close();
  const wanted = new URLSearchParams([["q", words], ["limit", "8"], ["format", "json"], ...chosenDays]);
  const answer = await fetch(`/entities?${wanted}`).catch(() => null);
  if (!answer?.ok || turn !== asked) return;
  const { rows } = await answer.json();
  if (turn !== asked || document.activeElement !== field) return;
  list.replaceChildren(...rows.map(option));
  list.hidden = rows.length === 0;
  chosen = -1;
  field.removeAttribute("aria-activedescendant");
  field.setAttribute("aria-expanded", String(rows.length > 0));
  told.textContent = rows.length ? say("site.script.found", { n: rows.length }) : say("site.script.none");
}

function move(step) {
  const items = [...list.children];
  if (!items.length) return;
  chosen = (chosen + step + items.length + (chosen < 0 && step < 0 ? 1 : 0)) % items.length;
  items.forEach((item, n) => item.setAttribute("aria-selected", String(n === chosen)));
  items[chosen].scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", items[chosen].id);
}

field.setAttribute("role", "combobox");
field.setAttribute("aria-autocomplete", "list");
field.setAttribute("aria-controls", list.id);
field.setAttribute("aria-expanded", "false");
field.autocomplete = "off";
field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(suggest, 120);
});
field.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") move(1);
  else if (event.key === "ArrowUp") move(-1);
  else if (event.key === "Escape") close();
  else if (event.key === "Enter" && chosen >= 0) location.assign(list.children[chosen].dataset.page);
  else return;
  if (event.key !== "Escape" && !list.hidden) event.preventDefault();
});
field.addEventListener("blur", () => setTimeout(close, 150));
list.addEventListener("mousedown", (event) => {
  const item = event.target.closest("[data-page]");
  if (item) location.assign(item.dataset.page);
});
