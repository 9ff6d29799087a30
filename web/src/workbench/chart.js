// An answer as bars, a line or dots, in SVG that takes its colours from the style sheet. Loaded when
// somebody asks for a chart.
import { scaleBand, scaleLinear, scaleUtc } from "d3-scale";
import { say } from "../texts.js";
import { day, kindOf, number } from "./columns.js";
import { made, menu } from "./dom.js";
import { shown } from "./table.js";

const MOST = 40; // bars that can be told apart
const WIDTH = 760;
const COUNT = ""; // the choice "number of rows"

function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// The choices "kind,across,up", each as given if it fits and otherwise the one that fits best.
function choose(answer, given) {
  const kinds = Object.fromEntries(answer.columns.map((name) => [name, kindOf(answer.rows, name)]));
  const [kind, across, up] = (given ?? "").split(",");
  const numbers = answer.columns.filter((name) => kinds[name] === "number");
  const x = answer.columns.includes(across) ? across
    : answer.columns.find((name) => kinds[name] === "day")
      ?? answer.columns.find((name) => ["text", "thing"].includes(kinds[name])) ?? answer.columns[0];
  const y = numbers.includes(up) || (given && up === COUNT) ? up : numbers.find((name) => name !== x) ?? COUNT;
  const fitting = kinds[x] === "day" ? ["lines", "bars", "dots"] : kinds[x] === "number" ? ["dots", "lines", "bars"] : ["bars"];
  return { kinds, numbers, x, y, fitting, kind: fitting.includes(kind) ? kind : fitting[0] };
}

// [{ x, label, value }], one for each row, or with the number of rows for each value of x.
function points(answer, { x, y, kinds }) {
  const place = (cell) => (kinds[x] === "day" ? day(cell) : kinds[x] === "number" ? number(cell) : shown(cell)[0]);
  const rows = answer.rows.filter((row) => row[x]);
  if (y !== COUNT) {
    return rows.map((row) => ({ x: place(row[x]), label: shown(row[x])[0], value: number(row[y]) }))
      .filter((p) => !Number.isNaN(p.value));
  }
  const counted = new Map();
  for (const row of rows) {
    const label = shown(row[x])[0];
    const point = counted.get(label) ?? { x: place(row[x]), label, value: 0 };
    point.value += 1;
    counted.set(label, point);
  }
  return [...counted.values()];
}

const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
const titled = (element, point) => {
  element.append(svg("title", {}, `${point.label}: ${point.value}`));
  return element;
};

function bars(data) {
  const few = data.slice(0, MOST);
  const height = few.length * 24 + 30;
  const left = Math.min(260, 12 + 7 * Math.max(...few.map((p) => cut(p.label, 34).length)));
  const across = scaleLinear([Math.min(0, ...few.map((p) => p.value)), Math.max(0, ...few.map((p) => p.value))], [left, WIDTH - 60]).nice();
  const down = scaleBand(few.map((_, n) => n), [24, height]).padding(0.2);
  const drawn = svg("svg", { viewBox: `0 0 ${WIDTH} ${height}` });
  for (const tick of across.ticks(6)) {
    drawn.append(svg("line", { class: "axis", x1: across(tick), x2: across(tick), y1: 20, y2: height }),
      svg("text", { class: "axis-label", x: across(tick), y: 14, "text-anchor": "middle" }, across.tickFormat(6)(tick)));
  }
  few.forEach((point, n) => {
    const [from, to] = [across(0), across(point.value)].sort((a, b) => a - b);
    const middle = down(n) + down.bandwidth() / 2 + 4;
    drawn.append(svg("text", { x: left - 8, y: middle, "text-anchor": "end" }, cut(point.label, 34)),
      titled(svg("rect", { class: "span", x: from, y: down(n), width: Math.max(1, to - from), height: down.bandwidth(), rx: 2 }), point),
      svg("text", { class: "axis-label", x: to + 5, y: middle }, point.value.toLocaleString("en")));
  });
  return drawn;
}

function plane(data, { kinds, x, kind }) {
  const [top, right, bottom, left, height] = [16, 24, 34, 56, 320];
  const ordered = [...data].sort((a, b) => a.x - b.x);
  const ends = [ordered[0].x, ordered.at(-1).x];
  const across = (kinds[x] === "day" ? scaleUtc : scaleLinear)(ends, [left, WIDTH - right]).nice();
  const up = scaleLinear([Math.min(0, ...data.map((p) => p.value)), Math.max(0, ...data.map((p) => p.value))], [height - bottom, top]).nice();
  const drawn = svg("svg", { viewBox: `0 0 ${WIDTH} ${height}` });
  for (const tick of up.ticks(5)) {
    drawn.append(svg("line", { class: "axis", x1: left, x2: WIDTH - right, y1: up(tick), y2: up(tick) }),
      svg("text", { class: "axis-label", x: left - 8, y: up(tick) + 4, "text-anchor": "end" }, up.tickFormat(5)(tick)));
  }
  for (const tick of across.ticks(6)) {
    drawn.append(svg("text", { class: "axis-label", x: across(tick), y: height - 10, "text-anchor": "middle" }, across.tickFormat(6)(tick)));
  }
  if (kind === "lines") {
    drawn.append(svg("polyline", { class: "line", points: ordered.map((p) => `${across(p.x)},${up(p.value)}`).join(" ") }));
  }
  for (const point of ordered) {
    drawn.append(titled(kind === "bars"
      ? svg("rect", { class: "span", x: across(point.x) - 3, y: Math.min(up(0), up(point.value)), width: 6, height: Math.abs(up(0) - up(point.value)) })
      : svg("circle", { class: "span", cx: across(point.x), cy: up(point.value), r: 3.5 }), point));
  }
  return drawn;
}

// Draws into a box; `changed` is told of a choice in its menus, to be kept in the address.
export function draw(box, answer, given, changed) {
  const chosen = choose(answer, given);
  const data = points(answer, chosen);
  const named = (kind) => say("workbench.script.kinds." + kind);
  const up = chosen.y || say("workbench.script.count");
  const set = (more) => {
    const next = { ...chosen, ...more };
    changed([next.kind, next.x, next.y].join(","));
  };
  const menus = made("p", { className: "run" },
    menu(say("workbench.script.chart-kind"), chosen.fitting.map((kind) => [kind, named(kind)]), chosen.kind, (kind) => set({ kind })),
    menu(say("workbench.script.across"), answer.columns.map((name) => [name, name]), chosen.x, (x) => set({ x })),
    menu(say("workbench.script.up"), [...chosen.numbers.map((name) => [name, name]), [COUNT, say("workbench.script.count")]], chosen.y, (y) => set({ y })));
  if (!data.length) return box.replaceChildren(menus, made("p", {}, say("workbench.script.chart-none")));
  const listed = !["day", "number"].includes(chosen.kinds[chosen.x]);
  const drawn = listed ? bars(data) : plane(data, chosen);
  drawn.classList.add("chart");
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", say("workbench.script.chart-label", { up, across: chosen.x, kind: named(chosen.kind) }));
  const figure = made("div", { className: "scroll", tabIndex: 0, role: "region", label: say("workbench.script.chart") }, drawn);
  const more = listed && data.length > MOST ? made("p", { className: "notice" }, say("workbench.script.chart-cut", { n: MOST, all: data.length })) : null;
  return box.replaceChildren(...[menus, figure, more].filter(Boolean));
}
