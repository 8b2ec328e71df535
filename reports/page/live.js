/* The page of a running test: states come as server-sent events, each with totals so far; what happened between two of
 * them is spread over the bins that they span. At most 600 bins are kept; then two become one. */

const BINS_MOST = 600;
const LIVE_COLOURS = ["var(--c7)", "var(--c4)", "var(--c1)", "var(--c2)", "var(--c5)", "var(--c3)", "var(--c6)", "var(--c8)", "var(--c0)", "var(--c7)"];

const about = JSON.parse(document.getElementById("data").textContent);
const timeline = { length: 1e9, width: 5e8, count: 1, bands: [], events: [] };
const sums = { ok: [0], bad: [0], failures: about.failures.map(() => [0]), heat: [[]] };
const levels = { resident: [], own: [], disk: [], threads: [], descriptors: [], temporary: [], clients: [], processor: [] };
let before = null;

function foldSums(values) {
  const folded = [];
  for (let i = 0; i < values.length; i += 2) folded.push(values[i] + (values[i + 1] || 0));
  values.splice(0, values.length, ...folded);
}
function foldLevels(values) {
  const folded = [];
  for (let i = 0; i < values.length; i += 2) folded.push(values[i + 1] === undefined || values[i + 1] === null ? values[i] : values[i + 1]);
  values.splice(0, values.length, ...folded);
}
function foldHeat(heat) {
  const folded = [];
  for (let i = 0; i < heat.length; i += 2) folded.push(heat[i].concat(heat[i + 1] || []));
  heat.splice(0, heat.length, ...folded);
}
function fold() {
  [sums.ok, sums.bad, ...sums.failures].forEach(foldSums);
  Object.values(levels).forEach(foldLevels);
  foldHeat(sums.heat);
  timeline.width *= 2;
  timeline.count = sums.ok.length;
}
function grow(at) {
  while (Math.floor(at / timeline.width) >= BINS_MOST) fold();
  const last = Math.floor(at / timeline.width);
  while (sums.ok.length <= last) {
    [sums.ok, sums.bad, ...sums.failures].forEach((values) => values.push(0));
    Object.values(levels).forEach((values) => values.push(null));
    sums.heat.push([]);
  }
  timeline.count = sums.ok.length;
  return last;
}

function take(state) {
  const last = grow(state.at);
  if (before !== null && state.at > before.at) {
    const from = Math.floor(before.at / timeline.width);
    for (let bin = from; bin <= last; bin++) {
      const begin = Math.max(before.at, bin * timeline.width), end = Math.min(state.at, (bin + 1) * timeline.width);
      const part = (end - begin) / (state.at - before.at);
      const bad = state.failed - before.failed;
      sums.ok[bin] += (state.done - before.done - bad) * part;
      sums.bad[bin] += bad * part;
      state.failures.forEach((value, n) => sums.failures[n][bin] += (value - before.failures[n]) * part);
      state.buckets.forEach((value, n) => value > before.buckets[n] && sums.heat[bin].push(n, (value - before.buckets[n]) * part));
    }
  }
  for (const name of ["resident", "own", "disk", "threads", "descriptors", "temporary", "clients"]) levels[name][last] = state[name];
  if (before !== null && state.processor_us > before.processor_us)
    levels.processor[last] = (state.processor_us - before.processor_us) * 1e3 / (state.at - before.at) * 100;
  takeFaults(state);
  before = state;
}

/* Names active now; a band is open until a state lacks its name. */
function takeFaults(state) {
  const active = state.faults ? state.faults.split(", ") : [];
  for (const band of timeline.bands.filter((b) => b.open)) {
    band.end = state.at;
    if (!active.includes(band.name)) band.open = false;
    band.text = `${band.name} from ${showDuration(band.begin)} to ${band.open ? "now" : showDuration(band.end)}`;
  }
  for (const name of active)
    if (!timeline.bands.some((b) => b.open && b.name === name))
      timeline.bands.push({ name, begin: state.at, end: state.at, open: true, text: name });
  while (timeline.bands.length > 500) timeline.bands.shift();
}

/* --- the page --- */

const title = el("h1", {}, "Running"), phase = el("p", { class: "because", role: "status" }, "Waiting for the first state.");
const figures = el("dl", { class: "figures" }), invariants = el("div", {});
const progress = el("progress", { max: "1", value: "0", "aria-label": "progress of this phase", style: "width:100%;max-width:46rem" });
const header = el("header", { class: "running" }, el("p", { class: "scenario" }, `${about.scenario} against ${about.target}, seed ${about.seed}`), title, phase, progress);
const charts = new TimeCharts(timeline);
const rate = (v) => showCount(v >= 10 ? Math.round(v) : Number(v.toPrecision(2)));
const edge = (row) => row < 0 ? Math.log2(about.edges[0] / 2) : Math.log2(row < about.edges.length ? about.edges[row] : about.edges[about.edges.length - 1] * 2);

charts.add(lanesChart({ title: "Faults", bands: timeline.bands, events: [] }));
charts.add(lineChart({ title: "Requests a second", height: 130, stacked: true, unit: rate, lines: [
  { name: "ok", colour: "var(--c0)", values: sums.ok, rate: true }, { name: "not ok", colour: "var(--c1)", values: sums.bad, rate: true }] }));
charts.add(heatChart({ title: "Latency, corrected", height: 170, heat: sums.heat, low: (row) => edge(row - 1), high: edge, percentiles: [
  { name: "p50", percent: 50, colour: "var(--c3)" }, { name: "p99", percent: 99, colour: "var(--c4)" }] }));
charts.add(lineChart({ title: "Errors a second", height: 90, stacked: true, unit: (v) => trim(v, 2), lines:
  sums.failures.map((values, n) => ({ name: about.failures[n], colour: LIVE_COLOURS[n], values, rate: true })).slice(1) }));
charts.add(lineChart({ title: "Memory", height: 80, unit: showSize, binary: true, lines: [
  { name: "target", colour: "var(--c0)", values: levels.resident }, { name: "ordeal", colour: "var(--c7)", values: levels.own }] }));
charts.add(lineChart({ title: "Processor", height: 70, unit: (v) => trim(v, 3) + " %", least: 10, lines: [
  { name: "of one core", colour: "var(--c4)", values: levels.processor }] }));
charts.add(lineChart({ title: "Descriptors, threads, clients", height: 80, unit: showCount, least: 4, lines: [
  { name: "descriptors", colour: "var(--c0)", values: levels.descriptors }, { name: "threads", colour: "var(--c1)", values: levels.threads },
  { name: "clients", colour: "var(--c3)", values: levels.clients }] }));
charts.add(lineChart({ title: "Disk", height: 80, unit: showSize, binary: true, lines: [{ name: "data directory", colour: "var(--c3)", values: levels.disk }] }));
charts.add(lineChart({ title: "Temporary files", height: 60, unit: showCount, least: 4, lines: [{ name: "files", colour: "var(--c5)", values: levels.temporary }] }));

fill(document.getElementById("page"), {}, [header, figures, el("h2", {}, "Invariants"), invariants, el("h2", {}, "Over time"), charts.root,
  el("footer", {}, "Served by ordeal run --web to this machine alone, while the run goes on.")]);

function figure(name, value) {
  return el("div", {}, el("dt", {}, name), el("dd", {}, value));
}
function show(state) {
  const names = { load: "under load", quiet: "waiting for steady state", final: "final reads" };
  const text = (names[state.phase] || state.phase) + (state.faults ? ", active: " + state.faults : "");
  if (phase.textContent !== text) phase.textContent = text;
  progress.value = state.length > 0 ? Math.min(1, state.elapsed / state.length) : 0;
  const lately = sums.ok.slice(-5).reduce((a, b) => a + b, 0) / (Math.min(5, sums.ok.length) * timeline.width / 1e9);
  figures.replaceChildren(
    figure("since the beginning", showDuration(state.at)), figure("operations", showCount(state.done)), figure("lately", rate(lately) + "/s"),
    figure("not ok", showCount(state.failed)), figure("clients", showCount(state.clients)), figure("target memory", showSize(state.resident)));
  invariants.replaceChildren(...state.invariants.map((i) => el("p", { class: i.broken ? "violated" : "holds" },
    el("strong", { style: "color:var(--tone)" }, i.broken ? "✗ " : i.watched ? "✓ " : "· "), i.name,
    el("span", { class: "dim" }, i.broken ? `: broken ${plural(i.broken, "time")}` : i.watched ? ": unbroken so far" : ": judged at the end"))));
}

let drawn = 0, waiting = false;
function draw() {
  waiting = false;
  drawn = performance.now();
  show(before);
  charts.extend(Math.max(1e9, before.at));
}
const events = new EventSource("/events");
events.onmessage = (message) => {
  take(JSON.parse(message.data));
  if (waiting) return;
  waiting = true;
  setTimeout(draw, Math.max(0, 400 - (performance.now() - drawn)));
};
events.addEventListener("end", () => {
  events.close();
  title.textContent = "Ended";
  phase.textContent = "The run has ended; its verdict is in the terminal and in report.html of its directory.";
  progress.remove();
});
events.onerror = () => {
  if (events.readyState === EventSource.CLOSED) phase.textContent = "The connection to ordeal is gone.";
};
