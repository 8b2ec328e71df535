/* Elements and numbers. Every text goes in as text, never as markup: names come from the run. */

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(3))
    if (child !== null && child !== undefined && child !== false) node.append(child);
  return node;
}
function el(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}
function svg(tag, attributes, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function trim(number, digits) {
  return String(Number(number.toPrecision(digits)));
}
function showDuration(ns) {
  if (ns === null || ns === undefined) return "never";
  const units = [[3600e9, "h"], [60e9, "min"], [1e9, "s"], [1e6, "ms"], [1e3, "µs"]];
  for (const [size, name] of units)
    if (Math.abs(ns) >= size) return trim(ns / size, 3) + " " + name;
  return ns === 0 ? "0 s" : Math.round(ns) + " ns";
}
/* Seconds with as many digits as the step between labels needs. */
function showTime(ns, step) {
  const seconds = ns / 1e9;
  if (step >= 60e9) {
    const minutes = Math.round(seconds / 60);
    return minutes >= 60 && minutes % 60 === 0 ? minutes / 60 + " h" : minutes + " min";
  }
  const digits = step >= 1e9 ? 0 : Math.min(6, Math.ceil(-Math.log10(step / 1e9)));
  if (seconds >= 120) {
    const within = (seconds % 60).toFixed(digits);
    return Math.floor(seconds / 60) + ":" + (within < 10 ? "0" : "") + within + " min";
  }
  return seconds.toFixed(digits) + " s";
}
function showSize(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (Math.abs(bytes) >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit++;
  }
  return trim(bytes, 3) + " " + units[unit];
}
function showCount(number) {
  return Number.isInteger(number) ? number.toLocaleString("en") : trim(number, 3);
}
function plural(number, one, many) {
  return showCount(number) + " " + (number === 1 ? one : many || one + "s");
}
function sum(values) {
  return values.reduce((all, value) => all + value, 0);
}
