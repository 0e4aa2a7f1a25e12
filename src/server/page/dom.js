// Elements without markup: what is said by others is text, whatever it holds.

/** Makes an element: fields that begin with "on" are listeners, `text` is its text, others are attributes. */
export function make(name, fields = {}, ...children) {
  const element = document.createElement(name);
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined || value === false) continue;
    if (field === "text") element.textContent = value;
    else if (field.startsWith("on")) element.addEventListener(field.slice(2), value);
    else element.setAttribute(field, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** Makes an element of a drawing. */
export function draw(name, fields = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [field, value] of Object.entries(fields)) element.setAttribute(field, value);
  element.append(...children);
  return element;
}

/** A place that says in what state something is. */
export function state(kind, text) {
  return make("p", {
    class: `state ${kind}`,
    role: kind === "failed" ? "alert" : "status",
    text,
  });
}

/** A number for people. */
export function bytes(value) {
  if (value === null || value === undefined) return "not known";
  let at = 0;
  let left = value;
  while (left >= 1024 && at < 5) {
    left /= 1024;
    at++;
  }
  return `${left.toFixed(left < 10 && at > 0 ? 1 : 0)} ${["B", "KB", "MB", "GB", "TB", "PB"][at]}`;
}

/** A share for people. */
export function share(value) {
  return value === null || value === undefined ? "not known" : `${Math.round(value * 100)} %`;
}
