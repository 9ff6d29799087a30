// The network of the table on the same page, drawn. The layout begins from places that the names
// decide, with no chance in it, so it is the same at every visit. Loaded on /network only.
import cytoscape from "cytoscape";
import { say } from "./texts.js";

const box = document.querySelector("#drawing");
const told = document.querySelector("#told");
const find = document.querySelector("#find");
const kinds = document.querySelector("#kinds");
const hint = told.firstElementChild;
const NAMED = 24; // so many things carry their names however small the drawing is
const shapes = { person: "ellipse", organization: "round-rectangle", place: "triangle", event: "diamond",
  instrument: "rectangle", mineral: "hexagon", commitment: "pentagon", offer: "tag" };

const colour = (name) => {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
};

function hash(text) {
  let value = 2166136261;
  for (const letter of text) value = Math.imul(value ^ letter.codePointAt(0), 16777619);
  return (value >>> 0) / 2 ** 32;
}

const nodes = new Map();
const edges = new Map();
for (const row of document.querySelectorAll("#edges tbody tr[data-from]")) {
  const ends = [row.dataset.from, row.dataset.to];
  ends.forEach((iri, n) => {
    const node = nodes.get(iri) ?? { iri, label: row.cells[n].textContent, page: row.cells[n].firstElementChild.href,
      kind: iri.split("/id/")[1].split("/")[0], degree: 0 };
    node.degree += 1;
    nodes.set(iri, node);
  });
  const id = ends.join(" ");
  const edge = edges.get(id) ?? { id, source: ends[0], target: ends[1], rows: [] };
  edge.rows.push(row);
  edges.set(id, edge);
}
const ranked = [...nodes.values()].sort((a, b) => b.degree - a.degree || (a.iri < b.iri ? -1 : 1));
const named = new Set(ranked.slice(0, NAMED).map((node) => node.iri));
const spread = 60 * Math.sqrt(nodes.size);
const elements = [
  ...ranked.map((n) => ({
    data: { id: n.iri, label: n.label, kind: n.kind, page: n.page, shape: shapes[n.kind] ?? "ellipse",
      size: Math.min(34, 10 + 3 * Math.sqrt(n.degree)) },
    classes: named.has(n.iri) ? "named" : "",
    position: { x: 1.6 * spread * hash(n.iri), y: spread * hash(`${n.iri}#y`) },
  })),
  ...[...edges.values()].map((e) => ({
    data: { id: e.id, source: e.source, target: e.target, rows: e.rows, width: Math.min(6, 1 + Math.log2(e.rows.length)) },
  })),
];
document.querySelector("#drawing-part").hidden = false;
const drawn = cytoscape({
  container: box,
  elements,
  minZoom: 0.2,
  maxZoom: 2.5,
  wheelSensitivity: 0.3,
  style: [
    { selector: "node", style: {
      shape: "data(shape)", width: "data(size)", height: "data(size)", "background-color": colour("--link"),
      color: colour("--ink"), "font-size": 12, "font-family": getComputedStyle(document.body).fontFamily,
      "text-wrap": "ellipsis", "text-max-width": 150, "text-valign": "bottom", "text-margin-y": 4,
      "text-background-color": colour("--raised"), "text-background-opacity": 0.85, "text-background-padding": 1 } },
    { selector: ".named, .near, .over, .close", style: { label: "data(label)" } },
    { selector: "node.focus", style: { "background-color": colour("--ink"), "font-weight": "bold", "z-index": 9 } },
    { selector: "edge", style: { width: "data(width)", "line-color": colour("--field"), opacity: 0.5, "curve-style": "haystack" } },
    { selector: "edge.near", style: { "line-color": colour("--link"), opacity: 1 } },
    { selector: ".away", style: { opacity: 0.08, label: "" } },
    { selector: ".gone", style: { display: "none" } },
  ],
  layout: { name: "cose", randomize: false, animate: false, fit: true, padding: 24, componentSpacing: 60,
    nodeRepulsion: () => 900000, idealEdgeLength: () => 120, edgeElasticity: () => 140, gravity: 0.25,
    nodeOverlap: 24, numIter: nodes.size > 250 ? 500 : 1200 },
});

function entry(row) {
  const item = document.createElement("li");
  const claim = row.cells[3].firstElementChild.cloneNode(true);
  const more = document.createElement("span");
  more.className = "source";
  more.textContent = `${row.cells[2].textContent} · ${row.cells[4].textContent}`;
  item.append(claim, document.createElement("br"), more);
  return item;
}

function tell(title, rows, links) {
  const head = document.createElement("h2");
  head.textContent = title;
  const ways = document.createElement("p");
  ways.className = "forms";
  links.forEach(([text, href], n) => {
    const a = document.createElement("a");
    a.href = href;
    a.textContent = text;
    ways.append(n ? " · " : "", a);
  });
  const count = document.createElement("p");
  count.className = "source";
  const unique = [...new Map(rows.map((row) => [row.cells[3].firstElementChild.href, row])).values()];
  count.textContent = say("network.script.claims", { n: unique.length });
  const list = document.createElement("ul");
  list.className = "claims";
  list.append(...unique.map(entry));
  told.replaceChildren(head, ...(links.length ? [ways] : []), count, list);
}

const short = (iri) => iri.split("/id/")[1];
function here(fragment) {
  history.replaceState(null, "", location.pathname + location.search + (fragment ? `#${fragment}` : ""));
}

function calm() {
  drawn.elements().removeClass("away near focus");
}

function focus(node) {
  calm();
  const near = node.closedNeighborhood();
  drawn.elements().difference(near).addClass("away");
  near.addClass("near");
  node.addClass("focus");
  const days = new URLSearchParams(location.search);
  days.set("about", node.id());
  tell(node.data("label"), node.connectedEdges().toArray().flatMap((e) => e.data("rows")),
    [[say("network.script.page"), node.data("page")], [say("network.script.around"), `/network?${days}`]]);
  here(short(node.id()));
}

function open(edge) {
  calm();
  const near = edge.union(edge.connectedNodes());
  drawn.elements().difference(near).addClass("away");
  near.addClass("near");
  tell(`${edge.source().data("label")} – ${edge.target().data("label")}`, edge.data("rows"),
    [edge.source(), edge.target()].map((n) => [n.data("label"), n.data("page")]));
}

function whole() {
  calm();
  told.replaceChildren(hint);
  find.value = "";
  here("");
  drawn.fit(drawn.elements(":visible"), 24);
}

drawn.on("tap", "node", (event) => focus(event.target));
drawn.on("tap", "edge", (event) => open(event.target));
drawn.on("tap", (event) => { if (event.target === drawn) calm(); });
drawn.on("mouseover", "node", (event) => event.target.addClass("over"));
drawn.on("mouseout", "node", (event) => event.target.removeClass("over"));
drawn.on("zoom", () => drawn.nodes().toggleClass("close", drawn.zoom() > 1.1));
document.querySelector("#whole").addEventListener("click", whole);
find.addEventListener("input", () => {
  const words = find.value.trim().toLocaleLowerCase();
  if (!words) return whole();
  const hit = drawn.nodes(":visible").filter((n) => n.data("label").toLocaleLowerCase().includes(words));
  if (hit.length === 1) return focus(hit);
  calm();
  drawn.elements().difference(hit.closedNeighborhood()).addClass("away");
  hit.addClass("near");
  if (!hit.length) {
    const none = document.createElement("p");
    none.textContent = say("network.script.none");
    told.replaceChildren(none);
  }
});

for (const kind of Object.keys(shapes)) {
  const some = drawn.nodes(`[kind = "${kind}"]`);
  if (!some.length) continue;
  const label = document.createElement("label");
  const choice = document.createElement("input");
  choice.type = "checkbox";
  choice.checked = true;
  choice.addEventListener("change", () => some.toggleClass("gone", !choice.checked));
  label.append(choice, " ", say(`thing.plural.${kind}`), ` (${some.length})`);
  kinds.append(label);
}
// Names are as large as the text of the page, however far the drawing is away.
function size() {
  const factor = 1 / Math.min(1, drawn.zoom());
  drawn.style().selector("node").style({ "font-size": 12 * factor, "text-max-width": 150 * factor,
    width: (n) => n.data("size") * factor ** 0.7, height: (n) => n.data("size") * factor ** 0.7 })
    .selector("edge").style({ width: (e) => e.data("width") * factor ** 0.7 }).update();
}
let sizing;
drawn.on("zoom", () => {
  cancelAnimationFrame(sizing);
  sizing = requestAnimationFrame(size);
});
size();

const start = decodeURIComponent(location.hash.slice(1));
const first = start && drawn.nodes().filter((n) => short(n.id()) === start);
if (first?.length) focus(first);
box.dataset.places = JSON.stringify(ranked.slice(0, 5).map((n) => drawn.getElementById(n.iri).position()));
box.dataset.ready = String(nodes.size);
