/* A drawing of the operations of a finding: who, when, what, how it ended. Order and overlap are true; distances are
 * compressed, since the operations that contradict each other often lie minutes apart. */

function timeScale(times, from, to) {
  const sorted = [...new Set(times)].sort((a, b) => a - b);
  const places = [0];
  for (let i = 1; i < sorted.length; i++)
    places.push(places[i - 1] + Math.min(4, 1 + Math.log10(1 + (sorted[i] - sorted[i - 1]) / 1e6) / 2));
  const total = places[places.length - 1] || 1;
  return (time) => {
    let i = sorted.findIndex((t) => t >= time);
    if (i < 0) return to;
    if (i === 0 || sorted[i] === time) return from + places[i] / total * (to - from);
    const part = (time - sorted[i - 1]) / (sorted[i] - sorted[i - 1]);
    return from + (places[i - 1] + part * (places[i] - places[i - 1])) / total * (to - from);
  };
}

function sawText(r) {
  if (r.mismatch) return "wrong bytes from " + r.mismatch.offset + " on";
  if (r.failure) return r.failure + (r.status ? " " + r.status : "");
  const version = r.version ? " v" + r.version : "";
  if (r.absent) return "finds nothing";
  if (r.value && !r.writes) return "sees " + r.value + version;
  return (r.value ? "writes " + r.value : r.outcome) + version;
}

function drawEvidence(steps, bands, events) {
  const operations = steps.filter((r) => r.operation);
  if (operations.length === 0) return null;
  const first = Math.min(...operations.map((r) => r.invoke));
  const ends = operations.map((r) => r.finish === null ? r.invoke : r.finish);
  const last = Math.max(...ends);
  const near = bands.filter((b) => b.end >= first && b.begin <= last).slice(0, 10);
  const marks = events.filter((e) => e.grave && e.at >= first && e.at <= last).slice(0, 10);
  const inside = (t) => Math.max(first, Math.min(last, t));
  const width = 900, left = 150, right = 20, lane = 34, top = 28;
  const x = timeScale([...operations.map((r) => r.invoke), ...ends, ...near.flatMap((b) => [inside(b.begin), inside(b.end)]),
    ...marks.map((e) => e.at)], left + 6, width - right - 190);
  const height = top + operations.length * lane + 24;
  const colours = { ok: "var(--c0)", failed: "var(--c1)", unknown: "var(--c2)" };
  const described = operations.map((r) => `${r.operation} ${r.client}/${r.sequence}, ${r.outcome}, ${sawText(r)}`).join("; ");
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Time line of the evidence: " + described });
  let labelled = -1000;
  for (const band of near) {
    const begin = x(inside(band.begin)), end = x(inside(band.end));
    picture.append(svg("rect", { class: "band", x: begin, y: top - 8, width: Math.max(3, end - begin), height: height - top - 10 },
      svg("title", {}, band.text)));
    if (begin - labelled > 60) picture.append(svg("text", { x: begin, y: 12 }, band.name));
    labelled = begin - labelled > 60 ? begin : labelled;
  }
  for (const mark of marks)
    picture.append(svg("line", { class: "event grave", x1: x(mark.at), x2: x(mark.at), y1: top - 10, y2: height - 18 }, svg("title", {}, mark.text)));
  operations.forEach((r, n) => {
    const y = top + n * lane, begin = x(r.invoke), end = r.finish === null ? width - right : x(r.finish);
    const open = r.outcome === "unknown";
    picture.append(
      svg("line", { class: "grid", x1: left, x2: width - right, y1: y + 9, y2: y + 9 }),
      svg("text", { class: "label", x: left - 10, y: y + 8, "text-anchor": "end" }, `client ${r.client}`),
      svg("text", { x: left - 10, y: y + 20, "text-anchor": "end" }, `${r.operation} ${r.client}/${r.sequence}`),
      svg("rect", { x: begin, y: y + 2, width: Math.max(5, end - begin), height: 14, rx: 3, fill: colours[r.outcome] }));
    if (open) /* it may take effect at any later time */
      picture.append(svg("rect", { x: end, y: y + 6, width: Math.max(0, width - right - end), height: 6, fill: colours.unknown, opacity: 0.3 }));
    picture.append(
      svg("text", { class: "label", x: Math.max(begin + 8, end + 6), y: y + 13 }, sawText(r)),
      svg("text", { x: begin, y: y + 28 }, showDuration(r.invoke)));
  });
  picture.append(svg("text", { x: left, y: height - 4 }, "Order and overlap are true, distances are compressed."));
  return [el("div", { class: "drawing", tabindex: "0", role: "group", "aria-label": "drawing of the evidence, scrolls sideways" }, picture),
    marks.length > 0 && el("p", { class: "dim small" }, "Dotted: ", marks.map((mark) => `${mark.text} at ${showDuration(mark.at)}`).join("; "), ".")];
}

function pairs(rows) {
  return el("dl", { class: "pairs" }, rows.filter((row) => row && row[1] !== undefined && row[1] !== null && row[1] !== "")
    .map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

function bytesTable(mismatch) {
  if (!mismatch.expected) return null;
  const expected = mismatch.expected.split(" "), seen = mismatch.seen.split(" ");
  const row = (name, bytes) => el("tr", {}, el("th", { scope: "row" }, name),
    bytes.map((byte, i) => el("td", { class: expected[i] !== seen[i] ? "wrong" : null }, byte)));
  return el("div", { class: "wide" }, el("table", { class: "bytes" }, row("expected", expected), row("seen", seen)));
}

function showStep(r, data) {
  if (!r.operation) return el("p", { class: "mono" }, r.line);
  const end = r.finish === null ? data.length : r.finish;
  const active = data.bands.filter((b) => b.begin <= end && b.end >= r.invoke).map((b) => b.text);
  const body = pairs([
    ["name", r.key && el("span", { class: "mono" }, r.key)],
    ["when", `${showDuration(r.invoke)} to ${r.finish === null ? "never" : showDuration(r.finish)}` +
      (r.finish === null ? "" : `, took ${showDuration(r.finish - r.invoke)}`) + (r.final ? ", a final read" : "")],
    ["outcome", r.outcome + (r.failure ? ` (${r.failure}${r.status ? ", status " + r.status : ""})` : r.status ? `, status ${r.status}` : "")],
    ["value", r.value && el("span", {}, r.writes ? "writes " : "saw ", el("code", {}, r.value), r.version ? `, version ${r.version}` : "")],
    ["size", showCount(r.size) + " bytes"],
    ["detail", r.detail],
    ["faults then", active.length ? [...new Set(active)].join("; ") : "none"],
    ["trace id", el("code", {}, r.trace)],
    ["wrong bytes", r.mismatch && `first at byte ${showCount(r.mismatch.offset)}` + (r.mismatch.whose ? `, they belong to ${r.mismatch.whose}` : "")],
  ]);
  const log = r.log && r.log.length
    ? el("pre", {}, r.log.join("\n") + (r.log_left_out ? `\n(${r.log_left_out} more lines)` : ""))
    : el("p", { class: "dim small" }, data.log_missing ? "There is no log of the server to look into." : "The server logged nothing with this trace id.");
  return el("details", { class: "operation " + r.outcome, open: Boolean(r.mismatch) },
    el("summary", { class: "mono" }, r.line),
    body, r.mismatch && bytesTable(r.mismatch), el("h3", {}, "What the server logged"), log);
}
