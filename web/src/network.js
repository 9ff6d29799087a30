// The network of the table on the same page, drawn. The layout begins from places that the names
// decide, with no chance in it, so it is the same at every visit. Loaded on /network only.
import cytoscape from "cytoscape";

const box = document.querySelector("#drawing");
const told = document.querySelector("#told");
const filter = document.querySelector("#drawn-filter");
const css = getComputedStyle(document.documentElement);
const colour = (name) => {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
};
const shapes = { person: "ellipse", organization: "round-rectangle", place: "round-triangle",
  event: "diamond", instrument: "rectangle", mineral: "hexagon", commitment: "round-tag", offer: "tag" };

function hash(text) {
  let value = 2166136261;
  for (const letter of text) value = Math.imul(value ^ letter.codePointAt(0), 16777619);
  return (value >>> 0) / 2 ** 32;
}

const nodes = new Map();
const edges = new Map();
for (const row of document.querySelectorAll("#edges tbody tr")) {
  const ends = [row.dataset.from, row.dataset.to];
  const names = [row.dataset.fromLabel, row.dataset.toLabel];
  ends.forEach((iri, n) => nodes.set(iri, { iri, label: names[n], kind: iri.split("/id/")[1].split("/")[0] }));
  const id = ends.join(" ");
  const edge = edges.get(id) ?? { id, source: ends[0], target: ends[1], rows: [] };
  edge.rows.push(row);
  edges.set(id, edge);
}
const elements = [
  ...[...nodes.values()].map((n) => ({
    data: { id: n.iri, label: n.label, shape: shapes[n.kind] ?? "ellipse" },
    position: { x: 900 * hash(n.iri), y: 600 * hash(`${n.iri}#y`) },
  })),
  ...[...edges.values()].map((e) => ({ data: { id: e.id, source: e.source, target: e.target, rows: e.rows } })),
];
box.hidden = false;
const drawn = cytoscape({
  container: box,
  elements,
  maxZoom: 1.4,
  style: [
    { selector: "node", style: {
      label: "data(label)", shape: "data(shape)", width: 16, height: 16, "font-size": 11,
      color: colour("--ink"), "background-color": colour("--link"), "text-wrap": "ellipsis",
      "text-max-width": 140, "text-valign": "bottom", "text-margin-y": 3,
      "font-family": css.fontFamily || "sans-serif", "min-zoomed-font-size": 7 } },
    { selector: "edge", style: { width: 1.5, "line-color": colour("--faint"), "curve-style": "haystack" } },
    { selector: ".away", style: { opacity: 0.12 } },
    { selector: ".near", style: { "line-color": colour("--link"), width: 3 } },
  ],
  layout: { name: "cose", randomize: false, animate: false, nodeRepulsion: () => 12000,
    idealEdgeLength: () => 70, numIter: 800, fit: true, padding: 20 },
});

function tell(title, rows, link) {
  const head = document.createElement("h2");
  if (link) {
    const a = document.createElement("a");
    a.href = link;
    a.textContent = title;
    head.append(a);
  } else head.textContent = title;
  const list = document.createElement("ul");
  for (const row of rows) {
    const item = document.createElement("li");
    item.append(...[...row.cells].flatMap((cell) => [...[...cell.childNodes].map((n) => n.cloneNode(true)), " "]));
    list.append(item);
  }
  told.replaceChildren(head, list);
}

function focus(node) {
  const near = node.closedNeighborhood();
  drawn.elements().addClass("away").removeClass("near");
  near.removeClass("away").edges().addClass("near");
  tell(node.data("label"), near.edges().toArray().flatMap((e) => e.data("rows")), `/id/${node.id().split("/id/")[1]}`);
}

drawn.on("tap", "node", (event) => focus(event.target));
drawn.on("tap", "edge", (event) => {
  const edge = event.target;
  tell(`${edge.source().data("label")} – ${edge.target().data("label")}`, edge.data("rows"));
});
drawn.on("tap", (event) => {
  if (event.target === drawn) drawn.elements().removeClass("away near");
});
filter.hidden = false;
filter.querySelector("input").addEventListener("input", (event) => {
  const words = event.target.value.trim().toLowerCase();
  const hit = drawn.nodes().filter((n) => !words || n.data("label").toLowerCase().includes(words));
  drawn.elements().removeClass("near").toggleClass("away", Boolean(words));
  hit.closedNeighborhood().removeClass("away");
  if (words && hit.length === 1) focus(hit);
});
box.dataset.ready = String(nodes.size);
