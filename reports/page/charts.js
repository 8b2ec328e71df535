/* Charts on one shared time axis: hover or arrow keys move one cursor through all, dragging or + and - zoom all.
 *
 * A chart is { title, height, unit(value), draw } where draw says what stands in a range of bins. Times are
 * nanoseconds. */

const GUTTER = 62, RIGHT = 26, AXIS = 18;

function niceSteps(least, most, wanted) {
  const raw = (most - least) / Math.max(1, wanted);
  if (!(raw > 0)) return { step: 1, ticks: [least] };
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw);
  const ticks = [];
  for (let at = Math.ceil(least / step - 1e-9) * step; at <= most * (1 + 1e-9); at += step) ticks.push(at + 0);
  return { step, ticks };
}
function timeSteps(least, most, wanted) {
  const seconds = (most - least) / 1e9 / Math.max(1, wanted);
  if (seconds < 5) return niceSteps(least, most, wanted);
  const step = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400].find((n) => n >= seconds) || 172800;
  const ticks = [];
  for (let at = Math.ceil(least / 1e9 / step) * step; at * 1e9 <= most; at += step) ticks.push(at * 1e9);
  return { step: step * 1e9, ticks };
}
function binarySteps(most, wanted) {
  const step = 2 ** Math.ceil(Math.log2(Math.max(1, most / wanted)));
  const ticks = [];
  for (let at = 0; at <= most; at += step) ticks.push(at);
  return ticks;
}

class TimeCharts {
  constructor(timeline) {
    this.timeline = timeline; /* { length, width, count, bands: [{ name, begin, end, text }], events: [{ at, text, grave }] } */
    this.charts = [];
    this.view = [0, timeline.length];
    this.cursor = null;
    this.range = el("span", { class: "range" });
    this.output = el("output", { "aria-live": "off" });
    const button = (text, label, act) => el("button", { type: "button", "aria-label": label, onclick: act }, text);
    this.whole = button("whole run", "show the whole run", () => this.zoomTo(0, this.timeline.length));
    this.bar = el("div", { class: "toolbar", role: "toolbar", "aria-label": "time axis" },
      button("+", "zoom in", () => this.zoom(0.5)), button("−", "zoom out", () => this.zoom(2)),
      button("←", "earlier", () => this.pan(-0.25)), button("→", "later", () => this.pan(0.25)), this.whole, this.range, this.output);
    this.stack = el("div", {});
    this.root = el("div", { class: "charts", tabindex: "0", role: "group", "aria-label":
      "Charts over time. Arrow keys move the cursor, plus and minus zoom, 0 shows the whole run.", onkeydown: (e) => this.key(e) },
      this.bar, this.stack);
    let drawn = 0;
    new ResizeObserver(() => {
      if (Math.abs(this.root.clientWidth - drawn) > 1) {
        drawn = this.root.clientWidth;
        this.render();
      }
    }).observe(this.root);
  }

  add(chart) {
    chart.keys = el("span", { class: "dim" });
    chart.canvas = svg("svg", { role: "img", "aria-label": chart.label || chart.title });
    chart.caption = el("figcaption", {}, el("span", { class: "title" }, chart.title));
    this.charts.push(chart);
    this.stack.append(el("figure", {}, chart.caption, chart.canvas));
    this.listen(chart);
  }

  /* The timeline has grown; who looked at the whole goes on to. */
  extend(length) {
    const whole = this.view[0] <= 0 && this.view[1] >= this.timeline.length;
    this.timeline.length = length;
    if (whole) this.view = [0, length];
    this.render();
  }

  /* --- moving about --- */

  zoomTo(from, to) {
    const least = Math.min(this.timeline.length, Math.max(this.timeline.width * 8, 1e6));
    const length = Math.min(this.timeline.length, Math.max(least, to - from));
    const begin = Math.max(0, Math.min(this.timeline.length - length, (from + to - length) / 2));
    this.view = [begin, begin + length];
    this.render();
  }
  zoom(factor) {
    const [from, to] = this.view;
    const inside = this.cursor !== null && this.cursor >= from && this.cursor <= to;
    const middle = inside ? this.cursor : (from + to) / 2;
    this.zoomTo(middle - (middle - from) * factor, middle + (to - middle) * factor);
  }
  pan(part) {
    const length = this.view[1] - this.view[0];
    const begin = Math.max(0, Math.min(this.timeline.length - length, this.view[0] + length * part));
    this.view = [begin, begin + length];
    this.render();
  }
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = this.bins().step * this.timeline.width;
    const from = this.cursor === null ? this.view[0] : this.cursor;
    const acts = {
      ArrowRight: () => this.point(Math.min(this.timeline.length - 1, from + step)), ArrowLeft: () => this.point(Math.max(0, from - step)),
      "+": () => this.zoom(0.5), "=": () => this.zoom(0.5), "-": () => this.zoom(2), 0: () => this.whole.click(),
      Escape: () => this.point(null),
    };
    const act = acts[event.key];
    if (!act || (event.target.tagName === "BUTTON" && event.key.startsWith("Arrow") === false && event.key.length > 1)) return;
    event.preventDefault();
    act();
    if (this.cursor !== null && (this.cursor < this.view[0] || this.cursor > this.view[1]))
      this.zoomTo(this.cursor - (this.view[1] - this.view[0]) / 2, this.cursor + (this.view[1] - this.view[0]) / 2);
  }
  timeAt(event, chart) {
    const box = chart.canvas.getBoundingClientRect();
    const part = (event.clientX - box.left - GUTTER) / Math.max(1, box.width - GUTTER - RIGHT);
    return this.view[0] + Math.max(0, Math.min(1, part)) * (this.view[1] - this.view[0]);
  }
  listen(chart) {
    let from = null;
    chart.canvas.addEventListener("pointermove", (event) => {
      const at = this.timeAt(event, chart);
      if (from !== null) this.choose(from, at);
      this.point(at);
    });
    chart.canvas.addEventListener("pointerleave", () => from === null && this.point(null));
    chart.canvas.addEventListener("pointerdown", (event) => {
      this.point(this.timeAt(event, chart));
      if (event.pointerType !== "mouse") return;
      from = this.timeAt(event, chart);
      chart.canvas.setPointerCapture(event.pointerId);
    });
    const end = (event) => {
      const at = this.timeAt(event, chart);
      if (from !== null && Math.abs(this.x(at) - this.x(from)) > 6) this.zoomTo(Math.min(from, at), Math.max(from, at));
      else this.choose(0, 0);
      from = null;
    };
    chart.canvas.addEventListener("pointerup", end);
    chart.canvas.addEventListener("pointercancel", end);
    chart.canvas.addEventListener("dblclick", () => this.whole.click());
  }
  choose(a, b) {
    for (const chart of this.charts) {
      chart.chosen.setAttribute("x", Math.min(this.x(a), this.x(b)));
      chart.chosen.setAttribute("width", Math.abs(this.x(a) - this.x(b)));
    }
  }

  /* --- drawing --- */

  x(time) {
    return GUTTER + (time - this.view[0]) / (this.view[1] - this.view[0]) * this.plot;
  }
  /* The bins in view, `step` of them to a point: not finer than two pixels. */
  bins() {
    const { width, count } = this.timeline;
    const first = Math.max(0, Math.floor(this.view[0] / width));
    const last = Math.max(first + 1, Math.min(count, Math.ceil(this.view[1] / width)));
    const step = Math.max(1, Math.ceil((last - first) / Math.max(30, this.plot / 2)), this.timeline.coarse || 1);
    return { first: Math.floor(first / step) * step, last, step };
  }
  render() {
    const width = Math.max(280, this.root.clientWidth);
    this.plot = width - GUTTER - RIGHT;
    const [from, to] = this.view;
    const step = timeSteps(from, to, this.plot / 90).step;
    this.range.textContent = showTime(from, step / 10) + " to " + showTime(to, step / 10);
    this.whole.disabled = from <= 0 && to >= this.timeline.length;
    for (const chart of this.charts) this.renderOne(chart, width);
    this.point(this.cursor);
  }
  renderOne(chart, width) {
    const height = chart.height + AXIS;
    const { ticks, step } = timeSteps(this.view[0], this.view[1], this.plot / 90);
    const clip = "clip" + this.charts.indexOf(chart);
    chart.canvas.setAttribute("viewBox", `0 0 ${width} ${height}`);
    chart.canvas.replaceChildren(
      svg("clipPath", { id: clip }, svg("rect", { x: GUTTER, y: 0, width: this.plot, height: chart.height })),
      ...ticks.map((at) => [
        svg("line", { class: "grid", x1: this.x(at), x2: this.x(at), y1: 0, y2: chart.height }),
        svg("text", { x: this.x(at), y: height - 4, "text-anchor": "middle" }, showTime(at, step)),
      ]).flat());
    const layer = svg("g", { "clip-path": `url(#${clip})` });
    for (const band of this.timeline.bands) {
      const begin = this.x(band.begin), end = this.x(band.end);
      layer.append(svg("rect", { class: "band", x: begin, y: 0, width: Math.max(1.5, end - begin), height: chart.height }));
    }
    for (const event of this.timeline.events.filter((e) => e.grave))
      layer.append(svg("line", { class: "event grave", x1: this.x(event.at), x2: this.x(event.at), y1: 0, y2: chart.height }));
    chart.canvas.append(layer);
    chart.draw(this, chart, layer, this.bins());
    chart.canvas.append(svg("line", { class: "axis", x1: GUTTER, x2: width - RIGHT, y1: chart.height, y2: chart.height }));
    chart.line = svg("line", { class: "cursor", y1: 0, y2: chart.height, visibility: "hidden" });
    chart.chosen = svg("rect", { class: "chosen", y: 0, height: chart.height, x: 0, width: 0 });
    chart.canvas.append(chart.chosen, chart.line);
  }
  /* Labels of a value axis, top at `most`. Returns the scale. */
  scale(chart, ticks, place, show) {
    for (const tick of ticks) {
      const y = place(tick);
      chart.canvas.insertBefore(svg("line", { class: "grid", x1: GUTTER, x2: GUTTER + this.plot, y1: y, y2: y }), chart.canvas.children[1]);
      chart.canvas.append(svg("text", { x: GUTTER - 6, y: Math.max(9, y + 4), "text-anchor": "end" }, show(tick)));
    }
  }
  point(time) {
    this.cursor = time;
    for (const chart of this.charts) {
      if (!chart.line) continue;
      const seen = time !== null && time >= this.view[0] && time <= this.view[1];
      chart.line.setAttribute("visibility", seen ? "visible" : "hidden");
      if (seen) {
        chart.line.setAttribute("x1", this.x(time));
        chart.line.setAttribute("x2", this.x(time));
      }
      this.legend(chart, time);
    }
    if (time === null) {
      this.output.textContent = "";
      return;
    }
    const active = this.timeline.bands.filter((b) => b.begin <= time && time <= b.end).map((b) => b.name);
    this.output.textContent = "at " + showTime(time, this.timeline.width / 10) + (active.length ? " · " + [...new Set(active)].join(", ") : "");
  }
  legend(chart, time) {
    const keys = chart.legend ? chart.legend(this, time) : [];
    while (chart.caption.childNodes.length > 1) chart.caption.lastChild.remove();
    for (const key of keys)
      chart.caption.append(el("span", { class: "key" },
        key.colour && el("span", { class: "swatch", style: `background:${key.colour}` }), key.name,
        key.value !== undefined && el("b", {}, key.value)));
  }
}

/* --- kinds of charts --- */

/* A gap of up to `bridge` points is drawn through: with few operations it says nothing. */
function path(points, close, bridge = Infinity) {
  let text = "", pen = "M", missing = 0;
  for (const [x, y] of points) {
    if (y === null) {
      missing++;
      continue;
    }
    if (missing > bridge) pen = "M";
    missing = 0;
    text += pen + x.toFixed(1) + " " + y.toFixed(1);
    pen = "L";
  }
  return text + (close && text ? "Z" : "");
}

/* Sums (`rate`: a second) or last values of the bins from `at` on. */
function valueOf(line, bins, at, width) {
  let total = 0, last = null;
  const end = Math.min(at + bins.step, line.values.length);
  for (let i = at; i < end; i++) {
    const value = line.values[i];
    if (value === null || value === undefined) continue;
    total += value;
    last = value;
  }
  return line.rate ? total / (bins.step * width / 1e9) : last;
}

/* Lines, or areas on top of each other. lines: [{ name, colour, values, rate }]. */
function lineChart({ title, height, lines, stacked, unit, binary, least }) {
  const at = (charts, time) => {
    const bins = charts.bins();
    const index = Math.floor(time / charts.timeline.width);
    return [bins, Math.floor(index / bins.step) * bins.step];
  };
  const nearest = (line, bins, index, width) => {
    for (let back = index; back >= 0 && back > index - 200; back -= bins.step) {
      const value = valueOf(line, bins, back, width);
      if (value !== null) return value;
    }
    return null;
  };
  return {
    title, height,
    legend: (charts, time) => lines.filter((line) => line.values.some((value) => value)).map((line) => {
      const value = time === null ? null : nearest(line, ...at(charts, time), charts.timeline.width);
      return { name: line.name, colour: line.colour, value: value === null ? undefined : unit(value) };
    }),
    draw: (charts, chart, layer, bins) => {
      const width = charts.timeline.width, rows = lines.map(() => []), xs = [];
      for (let i = bins.first; i < bins.last; i += bins.step) {
        xs.push(charts.x((i + bins.step / 2) * width));
        lines.forEach((line, n) => rows[n].push(valueOf(line, bins, i, width)));
      }
      if (stacked)
        for (let n = 1; n < rows.length; n++) rows[n] = rows[n].map((value, i) => value + rows[n - 1][i]);
      const most = Math.max(least || 1e-9, ...rows.flat().filter((value) => value !== null));
      const y = (value) => value === null ? null : chart.height - value / most * (chart.height - 12);
      const ticks = binary ? binarySteps(most, chart.height / 34) : niceSteps(0, most, chart.height / 34).ticks;
      charts.scale(chart, ticks, y, unit);
      for (let n = rows.length - 1; n >= 0; n--) {
        const points = xs.map((x, i) => [x, y(rows[n][i])]).filter((p) => stacked || p[1] !== null);
        if (stacked) {
          const below = n > 0 ? xs.map((x, i) => [x, y(rows[n - 1][i])]) : xs.map((x) => [x, chart.height]);
          layer.append(svg("path", { d: path([...points, ...below.reverse()], true), fill: lines[n].colour, opacity: n > 0 ? 0.75 : 0.22 }));
        }
        layer.append(svg("path", { d: path(points), fill: "none", stroke: lines[n].colour, "stroke-width": 1.4, "stroke-linejoin": "round" }));
      }
    },
  };
}

const HEAT_LEVELS = 8;

/* Rows of latency by time, darker where more operations fell; corrected percentiles drawn over it. A bin of `heat` is
 * row, count, row, count ...; a row lies between low(row) and high(row), powers of two of nanoseconds. */
function heatChart({ title, height, heat, slowest, percentiles, low, high }) {
  const columnOf = (at, step) => {
    const rows = new Map();
    for (let i = at; i < Math.min(at + step, heat.length); i++)
      for (let n = 0; n < heat[i].length; n += 2) rows.set(heat[i][n], (rows.get(heat[i][n]) || 0) + heat[i][n + 1]);
    return [...rows].sort((a, b) => a[0] - b[0]);
  };
  const percentile = (column, percent) => {
    const wanted = sum(column.map((c) => c[1])) * percent / 100;
    let below = 0;
    for (const [row, count] of column) {
      if (below + count >= wanted && count > 0) return 2 ** (low(row) + (high(row) - low(row)) * (wanted - below) / count);
      below += count;
    }
    return null;
  };
  return {
    title, height,
    legend: (charts, time) => {
      const keys = percentiles.map((p) => ({ name: p.name, colour: p.colour }));
      if (time === null) return keys;
      const bins = charts.bins();
      const at = Math.floor(Math.floor(time / charts.timeline.width) / bins.step) * bins.step;
      const column = columnOf(at, bins.step);
      percentiles.forEach((p, n) => {
        if (column.length) keys[n].value = showDuration(percentile(column, p.percent));
      });
      if (column.length && slowest) keys.push({ name: "slowest", value: showDuration(Math.max(0, ...slowest.slice(at, at + bins.step)) * 1e3) });
      keys.push({ name: plural(Math.round(sum(column.map((c) => c[1]))), "operation") });
      return keys;
    },
    draw: (charts, chart, layer, bins) => {
      const columns = [];
      for (let i = bins.first; i < bins.last; i += bins.step) columns.push([i, columnOf(i, bins.step)]);
      const rows = columns.flatMap(([, column]) => column.map((c) => c[0]));
      if (rows.length === 0) {
        chart.canvas.append(svg("text", { x: GUTTER + 8, y: chart.height / 2 }, "no operation succeeded here"));
        return;
      }
      const bottom = low(rows.reduce((a, b) => Math.min(a, b))) - 0.2, top = high(rows.reduce((a, b) => Math.max(a, b))) + 0.4;
      const y = (power) => chart.height - (power - bottom) / (top - bottom) * chart.height;
      const most = columns.reduce((a, [, column]) => column.reduce((b, c) => Math.max(b, c[1]), a), 1);
      const levels = Array.from({ length: HEAT_LEVELS }, () => "");
      const cell = bins.step * charts.timeline.width;
      for (const [i, column] of columns) {
        const left = charts.x(i * charts.timeline.width).toFixed(1), right = charts.x(i * charts.timeline.width + cell).toFixed(1);
        for (const [row, count] of column) {
          const level = Math.max(0, Math.min(HEAT_LEVELS - 1, Math.floor(Math.log(count) / Math.log(most + 1) * HEAT_LEVELS)));
          levels[level] += `M${left} ${y(high(row)).toFixed(1)}H${right}V${y(low(row)).toFixed(1)}H${left}Z`;
        }
      }
      levels.forEach((d, n) => d && layer.append(svg("path", { d, fill: "var(--heat)", opacity: 0.1 + 0.62 * n / (HEAT_LEVELS - 1), "shape-rendering": "crispEdges" })));
      for (const p of percentiles) {
        const points = columns.map(([i, column]) => {
          const value = percentile(column, p.percent);
          return [charts.x((i + bins.step / 2) * charts.timeline.width), value === null ? null : y(Math.log2(value))];
        });
        layer.append(svg("path", { d: path(points, false, 2), fill: "none", stroke: p.colour, "stroke-width": 1.3, "stroke-linejoin": "round" }));
      }
      const ticks = [1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11].filter((ns) => Math.log2(ns) >= bottom && Math.log2(ns) <= top);
      charts.scale(chart, ticks, (ns) => y(Math.log2(ns)), showDuration);
    },
  };
}

/* A lane for each kind of fault, one for the events. */
function lanesChart({ title, bands, events }) {
  const lane = 20, top = events.length ? 1 : 0;
  const kinds = () => [...new Set(bands.map((band) => band.name))].slice(0, 12);
  return {
    title,
    get height() {
      return Math.max(1, kinds().length + top) * lane + 6;
    },
    label: `${title}: ${kinds().join(", ") || "no faults"}; ${plural(events.length, "event")}`,
    legend: (charts, time) => {
      if (time === null) return [];
      const near = events.filter((e) => Math.abs(charts.x(e.at) - charts.x(time)) < 5).slice(0, 2);
      const active = bands.filter((b) => b.begin <= time && time <= b.end).slice(0, 3);
      return [...active.map((b) => ({ name: b.text, colour: "var(--band)" })), ...near.map((e) => ({ name: showDuration(e.at) + ": " + e.text }))];
    },
    draw: (charts, chart, layer) => {
      const names = kinds();
      names.forEach((name, n) => {
        const y = n * lane + 4;
        for (const band of bands.filter((b) => b.name === name)) {
          const x = charts.x(band.begin);
          layer.append(svg("rect", { x, y, width: Math.max(3, charts.x(band.end) - x), height: lane - 6, rx: 2, fill: "var(--band)", opacity: 0.6 },
            svg("title", {}, band.text)));
        }
        chart.canvas.append(svg("text", { class: "label", x: GUTTER - 6, y: y + 11, "text-anchor": "end", "font-size": "10" },
          name.length > 10 ? name.slice(0, 9) + "…" : name));
      });
      if (!top) return;
      const y = names.length * lane + 11;
      chart.canvas.append(svg("text", { class: "label", x: GUTTER - 6, y: y + 4, "text-anchor": "end" }, "events"));
      for (const event of events) {
        const x = charts.x(event.at);
        const shape = event.grave ? `M${x - 4} ${y - 4}L${x + 4} ${y + 4}M${x + 4} ${y - 4}L${x - 4} ${y + 4}` : `M${x} ${y - 5}V${y + 5}`;
        layer.append(svg("path", { d: shape, stroke: event.grave ? "var(--bad)" : "var(--dim)", "stroke-width": event.grave ? 2 : 1.5, fill: "none" },
          svg("title", {}, event.text)));
      }
    },
  };
}
