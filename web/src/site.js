// Suggestions under the search field, from /entities, as an ARIA combobox. Loaded on every page.
const field = document.querySelector("#site-search");
const list = document.querySelector("#site-suggestions");
let asked = 0;
let chosen = -1;
let timer;

// The days that a page looks from go along with its links, as far as these pages take them. An empty
// day is left out, so that the address says only what was chosen.
const days = ["as-of", "valid-on"];
const here = new URLSearchParams(location.search);
for (const link of document.querySelectorAll("main a[href^='/']")) {
  const target = new URL(link.getAttribute("href"), location.href); // in SVG, href is no string
  if (!/^\/(entities\/|articles|claims|timeline|commitments|network)/.test(target.pathname)) continue;
  for (const day of days) if (here.get(day)) target.searchParams.set(day, here.get(day));
  link.setAttribute("href", target.pathname + target.search + target.hash);
}
document.querySelector("form.moment")?.addEventListener("submit", (event) => {
  for (const name of days) {
    const input = event.target.elements[name];
    if (!input.value) input.disabled = true;
  }
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
  item.dataset.page = row.page;
  item.append(row.label);
  const more = document.createElement("span");
  more.textContent = row.kind.replaceAll("-", " ") + (row.match === row.label ? "" : `, ${row.match}`);
  item.append(" ", more);
  return item;
}

async function suggest() {
  const words = field.value.trim();
  const turn = ++asked;
  if (words.length < 2) return close();
  const answer = await fetch(`/entities?${new URLSearchParams({ q: words, limit: "8", format: "json" })}`);
  if (!answer.ok || turn !== asked) return;
  const { rows } = await answer.json();
  if (turn !== asked) return;
  list.replaceChildren(...rows.map(option));
  list.hidden = rows.length === 0;
  chosen = -1;
  field.setAttribute("aria-expanded", String(rows.length > 0));
}

function move(step) {
  const items = [...list.children];
  if (!items.length) return;
  chosen = (chosen + step + items.length + (chosen < 0 && step < 0 ? 1 : 0)) % items.length;
  items.forEach((item, n) => item.setAttribute("aria-selected", String(n === chosen)));
  field.setAttribute("aria-activedescendant", items[chosen].id);
}

if (field && list) {
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
}
