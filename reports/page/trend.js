/* The trend page: each figure of each scenario over its runs, with the runs at which it changed. */

function showValue(value, unit) {
  if (unit === "ns") return showDuration(value);
  if (unit === "s") return showDuration(value * 1e9);
  if (unit === "B") return showSize(value);
  if (unit === "") return trim(value * 100, 3) + " %";
  return trim(value, 3) + unit;
}
function median(values) {
  const sorted = [...values].sort((a, b) => a - b), half = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

function drawTrend(line, series) {
  const width = 420, height = 120, left = 64, right = 12, top = 10, bottom = 20;
  const last = Math.max(1, line.runs.length - 1), most = Math.max(1e-12, ...series.values) * 1.08;
  const x = (run) => left + run / last * (width - left - right), y = (value) => height - bottom - value / most * (height - bottom - top);
  const parts = [0, ...series.changes, series.values.length];
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label":
    `${series.name}: ${series.values.length} runs, last ${showValue(series.values[series.values.length - 1], series.unit)}, ${plural(series.changes.length, "change")}` });
  for (const value of [0, most / 1.08])
    picture.append(svg("line", { class: "grid", x1: left, x2: width - right, y1: y(value), y2: y(value) }),
      svg("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, showValue(value, series.unit)));
  for (let i = 0; i + 1 < parts.length; i++) {
    const middle = median(series.values.slice(parts[i], parts[i + 1]));
    picture.append(svg("line", { x1: x(series.at[parts[i]]), x2: x(series.at[parts[i + 1] - 1]), y1: y(middle), y2: y(middle),
      stroke: "var(--c0)", "stroke-width": 2, opacity: 0.45 }));
    if (i === 0) continue;
    const before = median(series.values.slice(parts[i - 1], parts[i])), better = (middle > before) === series.bigger_is_better;
    picture.append(svg("line", { x1: x(series.at[parts[i]]), x2: x(series.at[parts[i]]), y1: top, y2: height - bottom,
      stroke: better ? "var(--good)" : "var(--bad)", "stroke-dasharray": "3 3" }));
  }
  series.values.forEach((value, i) => {
    const run = line.runs[series.at[i]];
    picture.append(svg("circle", { cx: x(series.at[i]), cy: y(value), r: 3, fill: run.verdict === "fail" ? "var(--bad)" : "var(--c0)" },
      svg("title", {}, `${showValue(value, series.unit)}, ${run.began}, ${run.verdict}, ${run.source}`)));
  });
  picture.append(svg("text", { x: left, y: height - 5 }, line.runs[0].began.slice(0, 10)),
    svg("text", { x: width - right, y: height - 5, "text-anchor": "end" }, line.runs[line.runs.length - 1].began.slice(0, 10)));
  return el("figure", {}, el("figcaption", {}, el("span", { class: "title" }, series.name)), picture);
}

function changeRows(line) {
  return line.series.flatMap((s) => s.changes.map((at, i) => {
    const before = median(s.values.slice(i > 0 ? s.changes[i - 1] : 0, at)), after = median(s.values.slice(at, s.changes[i + 1] || s.values.length));
    const better = (after > before) === s.bigger_is_better, run = line.runs[s.at[at]];
    return el("tr", {}, el("td", {}, s.name), el("td", { class: "n" }, showValue(before, s.unit)), el("td", { class: "n" }, showValue(after, s.unit)),
      el("td", {}, el("span", { class: "tone " + (better ? "holds" : "violated") }, better ? "better" : "worse")), el("td", {}, run.began), el("td", {}, el("code", {}, run.source)));
  }));
}

function buildTrend(data) {
  const page = document.getElementById("page");
  fill(page, {}, [el("header", {}, el("h1", {}, "Trend"),
    el("p", { class: "because" }, `${plural(sum(data.lines.map((l) => l.runs.length)), "run")} of ${plural(data.lines.length, "kind")}; runs that prove nothing are left out.`))]);
  for (const line of data.lines) {
    const rows = changeRows(line);
    fill(page, {}, [el("h2", {}, `${line.scenario} against ${line.target}`), el("p", { class: "dim small" }, `${plural(line.runs.length, "run")}, ${line.host}`),
      rows.length ? el("div", { class: "wide", tabindex: "0", role: "group", "aria-label": "changes, scrolls sideways" }, el("table", {},
        el("thead", {}, el("tr", {}, ["figure", "before", "after", "", "from", "run"].map((name, i) => el("th", { scope: "col", class: i === 1 || i === 2 ? "n" : null }, name)))),
        el("tbody", {}, rows))) : el("p", {}, "No figure changed for good, as far as these runs tell."),
      el("div", { style: "display:grid;grid-template-columns:repeat(auto-fill,minmax(18rem,1fr));gap:0 1.5rem" }, line.series.filter((s) => s.values.length).map((s) => drawTrend(line, s)))]);
  }
  fill(page, {}, [el("footer", {}, "Written by ordeal trend. Dashed lines: where a figure's distribution changed, by E-divisive with a permutation test.")]);
}
buildTrend(JSON.parse(document.getElementById("data").textContent));
