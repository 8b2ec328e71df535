/* report.html and health.html: builds the page from the data beside it. */

const SIGNS = { holds: "✓", violated: "✗", "not proven": "?" };
const TONES = { holds: "holds", violated: "violated", "not proven": "doubt" };
const ERROR_COLOURS = ["var(--c1)", "var(--c2)", "var(--c5)", "var(--c4)", "var(--c3)", "var(--c6)", "var(--c8)", "var(--c0)", "var(--c7)"];

function prepare(data) {
  data.length = Math.max(1, data.series.count * data.series.width_ns);
  data.bands = data.faults.map((f) => ({
    name: f.name, begin: f.begin, end: f.end === null ? data.length : f.end,
    text: `${f.name} from ${showDuration(f.begin)} ` + (f.end === null ? "on, not healed" : `to ${showDuration(f.end)}, bit ${plural(f.hits, "time")}`),
  }));
  data.marks = data.events.map((e) => ({ ...e,
    grave: (e.type === "target-exit" && (!e.planned || e.at < data.load_end)) || e.type === "power-cut" || e.type === "quiet-failed" || e.type === "interrupt" }));
  return data;
}

function verdictSentence(data) {
  const violated = data.invariants.filter((i) => i.answer === "violated");
  const missed = data.thresholds.filter((t) => !t.holds);
  switch (data.verdict) {
    case "pass": return `All ${plural(data.invariants.length, "invariant")} hold` +
      (data.thresholds.length ? `, and so ${data.thresholds.length === 1 ? "does the threshold" : `do the ${data.thresholds.length} thresholds`}.` : ".");
    case "fail": return violated.map((i) => `${i.name} is violated: ${i.sentence}.`).join(" ");
    case "invalid": return "The run proves nothing: " + (data.reasons[0] || "no reason was recorded") + ".";
    case "missed": return missed.map((t) => `${t.bound} is missed: ${t.value}.`).join(" ");
    default: return "The run was interrupted before its end, so it proves nothing.";
  }
}

function figure(name, value) {
  return el("div", {}, el("dt", {}, name), el("dd", {}, value));
}
function head(data) {
  const recovered = data.events.find((e) => e.type === "quiet");
  const detection = data.invariants.filter((i) => i.detection_s !== undefined).map((i) => i.detection_s);
  const bad = sum(data.table.map((row) => row.failed + row.unknown));
  return [
    el("header", { class: data.verdict },
      el("p", { class: "scenario" }, data.scenario + " against " + data.target),
      el("h1", {}, data.page === "health" ? "Storage health" : data.verdict[0].toUpperCase() + data.verdict.slice(1)),
      el("p", { class: "because" }, data.page === "health" ? "The run's verdict is " + data.verdict + "." : verdictSentence(data)),
      data.story.trim() && el("p", { class: "story" }, data.story.trim())),
    el("dl", { class: "figures" },
      figure("operations", showCount(data.operations)),
      figure("not ok", showCount(bad) + (data.operations ? ` (${trim(100 * bad / data.operations, 2)} %)` : "")),
      figure("under load", showDuration(data.load_end - data.load_begin)),
      data.faults.length > 0 && figure("faults", showCount(data.faults.length)),
      detection.length > 0 && figure("detected after", showDuration(Math.min(...detection) * 1e9)),
      recovered && figure("steady again", recovered.text.replace(/^steady again | after the load$/g, "")),
      data.resident_most > 0 && figure("memory, most", showSize(data.resident_most)),
      data.dropped > 0 && figure("dropped arrivals", showCount(data.dropped)),
      data.in_flight > 0 && figure("in flight at the end", showCount(data.in_flight)),
      figure("seed", data.seed),
      data.began_ms > 0 && figure("began", new Date(data.began_ms).toISOString().replace("T", " ").slice(0, 19) + " UTC")),
  ];
}

function list(title, lines) {
  return lines.length ? [el("h2", {}, title), el("ul", { class: "reasons" }, lines.map((line) => el("li", {}, line)))] : [];
}

function invariant(entry, data) {
  return el("details", { class: "invariant " + TONES[entry.answer], open: entry.answer === "violated", id: "invariant-" + entry.name },
    el("summary", {},
      el("span", { class: "mark", "aria-hidden": "true" }, SIGNS[entry.answer]),
      el("span", { class: "name" }, entry.name, el("span", { class: "answer" }, entry.answer)),
      el("span", { class: "sentence" }, entry.sentence)),
    el("div", { class: "body" },
      el("p", { class: "dim small" }, entry.definition),
      entry.answer === "violated" && el("p", { class: "small" },
        `First seen at ${showDuration(entry.first_at)}, ${showDuration(entry.detection_s * 1e9)} after the last fault before it (or the load) began. `,
        `${plural(entry.violations, "violation")}` + (entry.violations > 1 ? "; this is the first." : ".")),
      entry.answer === "not proven" && entry.needs && el("p", { class: "small" }, "To be proven it needs ", entry.needs, "."),
      drawEvidence(entry.steps, data.bands, data.marks),
      entry.steps.map((step) => showStep(step, data)),
      entry.answer === "holds" && el("p", { class: "dim small" }, `${showCount(entry.examined)} examined` + (entry.always ? "; judged in every run." : "."))));
}

function table(columns, rows, attributes) {
  return el("div", { class: "wide", tabindex: "0", role: "group", "aria-label": "table, scrolls sideways" },
    el("table", attributes,
      el("thead", {}, el("tr", {}, columns.map((c) => el("th", { scope: "col", class: c.number ? "n" : null }, c.name)))),
      el("tbody", {}, rows.map((row) => el("tr", {}, columns.map((c, n) => el("td", { class: c.number ? "n" : null }, row[n])))))));
}
function tone(holds, yes, no) {
  return el("span", { class: "tone " + (holds ? "holds" : "violated") }, holds ? "✓ " + yes : "✗ " + no);
}
function thresholds(data) {
  if (!data.thresholds.length) return [];
  return [el("h2", {}, "Thresholds"), table([{ name: "bound" }, { name: "measured", number: true }, { name: "" }],
    data.thresholds.map((t) => [el("code", {}, t.bound), t.value, tone(t.holds, "holds", "missed")]))];
}
function operations(data) {
  const n = (name) => ({ name, number: true });
  return [el("h2", {}, "Operations"), table(
    [{ name: "operation" }, n("ok"), n("failed"), n("unknown"), n("success"), n("p50"), n("p99"), n("p99.9"), n("p99.9 corrected"), n("slowest")],
    data.table.map((r) => {
      const all = r.ok + r.failed + r.unknown;
      const time = (ns) => ns === undefined ? "" : showDuration(ns);
      return [r.operation, showCount(r.ok), showCount(r.failed), showCount(r.unknown), (100 * r.ok / all).toFixed(r.ok === all ? 0 : 2) + " %",
        time(r.p50), time(r.p99), time(r.p99_9), time(r.corrected_p99_9), time(r.most)];
    }), { class: "full" }),
    el("p", { class: "dim small" }, "Corrected latency counts from the moment at which the operation was due, so that a stall cannot hide the operations it held up.")];
}
function failures(data) {
  if (!data.failures.length) return [];
  return [el("h2", {}, "What was not ok"), table([{ name: "operation" }, { name: "kind" }, { name: "status", number: true }, { name: "count", number: true }],
    data.failures.slice(0, 20).map((f) => [f.operation, f.failure, f.status || "", showCount(f.count)])),
    el("p", { class: "dim small" }, "Samples of each kind: ", el("code", {}, "ordeal errors " + data.directory))];
}

/* --- charts --- */

function differences(values, width) {
  let before = null, at = 0;
  return values.map((value, i) => {
    if (value === null) return null;
    const gone = before === null ? null : value - before;
    const bins = i - at;
    before = value;
    at = i;
    return gone === null || gone < 0 || bins === 0 ? null : gone * 1e3 / (bins * width) * 100;
  });
}
function reportCharts(data) {
  const s = data.series;
  const charts = new TimeCharts({ length: data.length, width: s.width_ns, count: s.count, bands: data.bands, events: data.marks,
    coarse: Math.max(1, Math.min(8, Math.round(3 * s.count / Math.max(1, data.operations)))) });
  const has = (values) => values && values.some((value) => value);
  const add = (title, height, lines, options) => {
    const there = lines.filter((line) => has(line.values));
    if (there.length) charts.add(lineChart({ title, height, lines: there, ...options }));
  };
  const samples = (title, height, lines, options) => add(title, height, lines, options);
  charts.add(lanesChart({ title: "Faults and events", bands: data.bands, events: data.marks }));
  add("Requests a second", 130, [
    { name: "ok", colour: "var(--c0)", values: s.ok, rate: true }, { name: "failed", colour: "var(--c1)", values: s.failed, rate: true },
    { name: "unknown", colour: "var(--c2)", values: s.unknown, rate: true }], { stacked: true, unit: (v) => showCount(v >= 10 ? Math.round(v) : Number(v.toPrecision(2))) });
  charts.add(heatChart({ title: "Latency, corrected", height: 190, heat: s.heat, slowest: s.slowest_us,
    low: (row) => s.heat_least_power + row / s.heat_octave, high: (row) => s.heat_least_power + (row + 1) / s.heat_octave, percentiles: [
    { name: "p50", percent: 50, colour: "var(--c3)" }, { name: "p99", percent: 99, colour: "var(--c4)" }, { name: "p99.9", percent: 99.9, colour: "var(--c5)" }] }));
  add("Errors a second", 90, s.errors.map((e, n) => ({ name: e.name, colour: ERROR_COLOURS[n], values: e.values, rate: true })),
    { stacked: true, unit: (v) => trim(v, 2) });
  add("Bytes a second", 80, [
    { name: "written", colour: "var(--c1)", values: s.sent, rate: true }, { name: "read", colour: "var(--c0)", values: s.received, rate: true }],
    { unit: showSize, binary: true });
  samples("Memory", 80, [{ name: "target", colour: "var(--c0)", values: s.resident }, { name: "ordeal", colour: "var(--c7)", values: s.own }], { unit: showSize, binary: true });
  samples("Processor", 70, [{ name: "of one core", colour: "var(--c4)", values: differences(s.processor_us, s.width_ns) }],
    { unit: (v) => trim(v, 3) + " %", least: 10 });
  samples("Descriptors, threads, processes", 80, [
    { name: "descriptors", colour: "var(--c0)", values: s.descriptors }, { name: "threads", colour: "var(--c1)", values: s.threads },
    { name: "processes", colour: "var(--c3)", values: s.processes }], { unit: showCount, least: 4 });
  samples("Disk", 80, [{ name: "data directory", colour: "var(--c3)", values: s.disk }], { unit: showSize, binary: true });
  samples("Temporary files and upload sessions", 70, [
    { name: "temporary files", colour: "var(--c5)", values: s.temporary }, { name: "upload sessions", colour: "var(--c6)", values: s.sessions }],
    { unit: showCount, least: 4 });
  return [el("h2", {}, "Over time"),
    el("p", { class: "dim small" }, "Shaded: faults. Hover or arrow keys read values, dragging or + and − zoom, 0 shows the whole run. ",
      "Latency stands where an operation was due, all else where it ended. Percentiles here are read from the map, within a few per cent; the table below is exact."),
    charts.root];
}

function sizes(data) {
  const used = data.series.sizes;
  const last = used.reduce((a, value, i) => value ? i : a, -1), first = used.findIndex((value) => value > 0);
  if (last < 0) return [];
  const most = Math.max(...used), width = 640, bar = 18;
  const rows = used.slice(first, last + 1);
  const label = (i) => first + i === 0 ? "empty" : "up to " + showSize(2 ** (first + i) - (first + i > 9 ? 0 : 1));
  const picture = svg("svg", { viewBox: `0 0 ${width} ${rows.length * bar + 4}`, role: "img", style: "max-width:40rem",
    "aria-label": "File sizes written: " + rows.map((value, i) => `${label(i)}: ${value}`).join(", ") });
  rows.forEach((value, i) => picture.append(
    svg("text", { class: "label", x: 118, y: i * bar + 13, "text-anchor": "end" }, label(i)),
    svg("rect", { x: 126, y: i * bar + 3, width: Math.max(value ? 1 : 0, value / most * 430), height: bar - 6, fill: "var(--c0)", opacity: 0.75 }),
    svg("text", { x: 132 + value / most * 430, y: i * bar + 13 }, value ? showCount(value) : "")));
  return [el("h2", {}, "File sizes"), el("p", { class: "dim small" }, "Files written, by size."), el("div", {}, picture)];
}

/* --- the plan --- */

function rest(object, known) {
  return Object.entries(object).filter(([name]) => !known.includes(name)).map(([name, value]) =>
    `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ");
}
function plan(data) {
  const run = data.run, parts = [el("h2", {}, "The run")];
  const command = run && run.argv ? ["ordeal", ...run.argv].map((word) => /^[\w@%+=:,./-]+$/.test(word) ? word : "'" + word.replace(/'/g, "'\\''") + "'").join(" ") : null;
  const host = run && run.host ? [run.host.name, run.host.system, run.host.release, run.host.machine,
    plural(run.host.processors, "processor"), run.host.memory_bytes && showSize(run.host.memory_bytes)].filter(Boolean).join(", ") : null;
  parts.push(pairs([
    ["command", command && el("code", {}, command)],
    ["again", el("code", {}, "ordeal replay " + data.directory)],
    ["judge again", el("code", {}, "ordeal check " + data.directory)],
    ["seed", el("code", {}, data.seed)],
    ["ordeal", run && run.ordeal + (run.versions ? ", " + Object.entries(run.versions).map(([name, version]) => `${name} ${version}`).join(", ") : "")],
    ["target", run && run.target_version ? data.target + ", " + run.target_version : data.target],
    ["host", host],
  ]));
  const scenario = run && run.scenario;
  if (!scenario) return [...parts, el("p", { class: "dim" }, "The plan stands in run.json.")];
  if (Array.isArray(scenario.clients))
    parts.push(el("h3", {}, "Clients"), table([{ name: "behaviour" }, { name: "count", number: true }, { name: "how" }],
      scenario.clients.map((c) => [c.name && c.name !== c.behaviour ? `${c.name} (${c.behaviour})` : c.behaviour, c.count || "1", rest(c, ["behaviour", "name", "count"])])));
  if (Array.isArray(scenario.faults) && scenario.faults.length)
    parts.push(el("h3", {}, "Faults"), table([{ name: "fault" }, { name: "at" }, { name: "for" }, { name: "how" }, { name: "times", number: true }, { name: "bit", number: true }],
      scenario.faults.map((f, n) => {
        const bands = data.faults.filter((b) => b.index === n);
        return [f.fault, f.at, f.for || "", rest(f, ["fault", "at", "for"]), showCount(bands.length), showCount(sum(bands.map((b) => b.hits)))];
      })));
  parts.push(el("details", {}, el("summary", {}, "The whole plan, as it was resolved"), el("pre", {}, JSON.stringify(scenario, null, 2))));
  return parts;
}
function eventList(data) {
  if (!data.events.length) return [];
  return [el("h2", {}, "Events"), el("details", { open: data.events.length <= 12 }, el("summary", {}, plural(data.events.length, "event")),
    table([{ name: "at", number: true }, { name: "what" }], data.events.map((e) => [showDuration(e.at), e.text])),
    data.moments_left_out > 0 && el("p", { class: "dim" }, `${data.moments_left_out} more faults and events are in the history.`))];
}

function buildReport(data) {
  prepare(data);
  const page = document.getElementById("page");
  const sections = data.page === "health"
    ? [head(data), reportCharts(data), operations(data), failures(data), sizes(data)]
    : [head(data), list(data.verdict === "invalid" ? "Why it is invalid" : "What the run does not prove", data.reasons),
       el("h2", {}, "Invariants"), el("div", {}, data.invariants.map((entry) => invariant(entry, data))), thresholds(data), reportCharts(data),
       operations(data), failures(data), sizes(data), plan(data), eventList(data), list("Notes", data.notes)];
  fill(page, {}, sections);
  fill(page, {}, [el("footer", {}, "Written by ordeal" + (data.run ? " " + data.run.ordeal : "") + ". An operation is named client/sequence: put 9/10 is the tenth operation of client 9.")]);
}
