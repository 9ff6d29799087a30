// Elements, in one line each.
export function made(name, properties = {}, ...children) {
  const element = document.createElement(name);
  const { data, role, label, ...rest } = properties;
  Object.assign(element, rest);
  Object.assign(element.dataset, data ?? {});
  if (role) element.setAttribute("role", role);
  if (label) element.setAttribute("aria-label", label);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// A menu of [value, shown text] with its label; `chosen` is told of each choice.
export function menu(label, options, value, chosen) {
  const select = made("select", {}, ...options.map(([v, text]) => made("option", { value: v }, text)));
  select.value = value;
  select.addEventListener("change", () => chosen(select.value));
  return made("label", {}, `${label} `, select);
}

// What the arrow keys, Home and End do in a row of tabs, as ARIA's authoring practices have it.
export function arrows(list, go) {
  list.addEventListener("keydown", (event) => {
    const tabs = [...list.querySelectorAll("[role=tab]")];
    const at = tabs.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    go((to + tabs.length) % tabs.length);
    list.querySelectorAll("[role=tab]")[(to + tabs.length) % tabs.length].focus();
  });
}
