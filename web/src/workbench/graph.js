// An answer as things and links between them. The layout begins from places that the names decide,
// so it is the same at every visit. Loaded when somebody asks for the graph.
import cytoscape from "cytoscape";
import { say } from "../texts.js";
import { kindOf } from "./columns.js";
import { made, menu } from "./dom.js";
import { shown, short } from "./table.js";

const MOST = 400; // links that can be read
const READABLE = 0.7; // zoom below which labels are too small
const LABELS = ["http://www.w3.org/2000/01/rdf-schema#label", "http://www.w3.org/2004/02/skos/core#prefLabel"];

// The library would write a style element, which the policy of the pages forbids; it leaves that when
// something of this name is there. What it would say stands in the style sheet.
if (!document.querySelector("#__________cytoscape_stylesheet")) {
  document.head.append(made("template", { id: "__________cytoscape_stylesheet" }));
}

function hash(text) {
  let value = 2166136261;
  for (const letter of text) value = Math.imul(value ^ letter.codePointAt(0), 16777619);
  return (value >>> 0) / 2 ** 32;
}

const isThing = (cell) => cell?.type === "uri" || cell?.type === "bnode";

function edgesOf(answer, from, to) {
  if (!answer.graph) {
    return answer.rows.filter((row) => row[from] && row[to])
      .map((row) => ({ source: row[from], target: row[to], label: "" }));
  }
  return answer.rows.filter((row) => isThing(row.object))
    .map((row) => ({ source: row.subject, target: row.object, label: short(row.predicate.value) }));
}

function elements(answer, edges) {
  const labels = new Map(answer.graph ? answer.rows.filter((row) => LABELS.includes(row.predicate.value))
    .map((row) => [row.subject.value, row.object.value]) : []);
  const nodes = new Map();
  for (const cell of edges.flatMap((edge) => [edge.source, edge.target])) {
    const [text, page] = shown(cell);
    nodes.set(cell.value, { data: { id: cell.value, label: labels.get(cell.value) ?? text.split("/").pop(), page },
      position: { x: 900 * hash(cell.value), y: 600 * hash(`${cell.value}#y`) } });
  }
  const links = edges.map((edge, n) => ({ data: { id: `edge ${n}`, source: edge.source.value, target: edge.target.value, label: edge.label } }));
  return [...nodes.values(), ...links];
}

function colour(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

const style = () => [
  { selector: "node", style: { label: "data(label)", width: 14, height: 14, "font-size": 11, color: colour("--ink"),
    "background-color": colour("--link"), "text-wrap": "ellipsis", "text-max-width": 150, "text-valign": "bottom",
    "text-margin-y": 3, "min-zoomed-font-size": 7 } },
  { selector: "edge", style: { width: 1.5, label: "data(label)", "font-size": 8, color: colour("--faint"), "line-color": colour("--faint"),
    "target-arrow-color": colour("--faint"), "target-arrow-shape": "triangle", "arrow-scale": 0.7, "curve-style": "bezier",
    "min-zoomed-font-size": 9, "text-rotation": "autorotate" } },
  { selector: ".away", style: { opacity: 0.12 } },
];

function find(drawn, words) {
  const hit = drawn.nodes().filter((node) => node.data("label").toLowerCase().includes(words));
  drawn.elements().toggleClass("away", Boolean(words));
  hit.closedNeighborhood().removeClass("away");
}

export function draw(box, answer, given, changed) {
  const things = answer.columns.filter((name) => kindOf(answer.rows, name) === "thing");
  const [from, to] = (given ?? "").split(",");
  const ends = [things.includes(from) ? from : things[0], things.includes(to) ? to : things.find((name) => name !== things[0])];
  const all = answer.graph || ends[1] ? edgesOf(answer, ...ends) : [];
  const options = things.map((name) => [name, name]);
  const menus = made("p", { className: "run" }, ...(answer.graph || things.length < 2 ? [] : [
    menu(say("workbench.script.graph-from"), options, ends[0], (name) => changed([name, ends[1]].join(","))),
    menu(say("workbench.script.graph-to"), options, ends[1], (name) => changed([ends[0], name].join(",")))]));
  if (!all.length) return box.replaceChildren(menus, made("p", {}, say("workbench.script.graph-none")));
  const edges = all.slice(0, MOST);
  const field = made("input", { type: "search" });
  menus.append(made("label", {}, `${say("workbench.script.graph-find")} `, field));
  const canvas = made("div", { className: "drawing", role: "img" });
  const more = all.length > MOST ? made("p", { className: "notice" }, say("workbench.script.graph-cut", { n: MOST, all: all.length })) : null;
  box.replaceChildren(...[menus, canvas, more].filter(Boolean));
  const drawn = cytoscape({ container: canvas, elements: elements(answer, edges), style: style(), maxZoom: 1.6,
    layout: { name: "cose", randomize: false, animate: false, nodeDimensionsIncludeLabels: true, nodeRepulsion: () => 20000, idealEdgeLength: () => 80, numIter: 1000, padding: 20 } });
  canvas.setAttribute("aria-label", say("workbench.script.graph-label", { nodes: drawn.nodes().length, edges: edges.length }));
  if (drawn.zoom() < READABLE) {
    // Too small to read at once: begin where most links meet, the rest is a drag away.
    drawn.zoom(READABLE);
    drawn.center(drawn.nodes().max((node) => node.degree()).ele);
  }
  canvas.dataset.ready = String(drawn.nodes().length);
  drawn.on("tap", "node", (event) => event.target.data("page") && location.assign(event.target.data("page")));
  field.addEventListener("input", () => find(drawn, field.value.trim().toLowerCase()));
  return undefined;
}
