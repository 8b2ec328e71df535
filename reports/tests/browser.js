/* Looks at report pages as a person would: node browser.js MODULES OUT PAGE... where PAGE is NAME=FILE, or live=URL.
 * For each page, in light and dark, and for one that fails as a phone: a screenshot in OUT; no error on the console; no request but for
 * the file itself; evidence opens by keyboard; charts answer to keys; axe-core finds nothing serious.
 * Prints one line a case and exits with 1 when one does not hold. */
"use strict";
const path = require("path");
const fs = require("fs");
const [modules, out, ...pages] = process.argv.slice(2);
const { chromium } = require(path.join(modules, "playwright-core"));
const axe = fs.readFileSync(path.join(modules, "axe-core", "axe.min.js"), "utf8");

let failed = 0;
function say(holds, sentence, more) {
  console.log(`${holds ? "ok" : "not ok"} - ${sentence}`);
  if (!holds) {
    failed++;
    if (more) console.log("    " + String(more).slice(0, 2000).replace(/\n/g, "\n    "));
  }
}

async function open(browser, file, options) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(120000);
  const page = await context.newPage();
  const seen = { errors: [], requests: [] };
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && seen.errors.push(message.text()));
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("request", (request) => seen.requests.push(request.url()));
  await page.goto(file.startsWith("http://") ? file : "file://" + path.resolve(file));
  await page.waitForSelector("footer");
  return { context, page, seen };
}

/* Serious and critical findings; the checker is put in past the page's own policy, which forbids foreign scripts. */
async function serious(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return result.violations.filter((v) => ["serious", "critical"].includes(v.impact))
    .map((v) => `${v.id}: ${v.nodes.length} x ${v.help}; ${v.nodes[0].html.slice(0, 150)} ${v.nodes[0].failureSummary || ""}`);
}

async function opensByKeyboard(page) {
  const details = page.locator("details.invariant").first();
  if (await details.count() === 0) return "no invariant to open";
  const before = await details.evaluate((node) => node.open);
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement.matches("details.invariant > summary"))) break;
  }
  await page.keyboard.press("Enter");
  const after = await details.evaluate((node) => node.open);
  await page.keyboard.press("Enter");
  const again = await details.evaluate((node) => node.open);
  return before !== after && again === before ? "" : `open was ${before}, then ${after}, then ${again}`;
}

async function chartsAnswer(page) {
  await page.focus(".charts");
  const whole = await page.textContent(".toolbar .range");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  const pointed = await page.textContent(".toolbar output");
  await page.keyboard.press("+");
  const zoomed = await page.textContent(".toolbar .range");
  await page.keyboard.press("0");
  const back = await page.textContent(".toolbar .range");
  if (!/^at /.test(pointed)) return "no cursor: " + pointed;
  if (zoomed === whole) return "+ did not zoom: " + zoomed;
  return back === whole ? "" : "0 did not go back: " + back;
}

async function mouseZooms(page) {
  const chart = page.locator("figure svg").nth(1);
  /* Not under the toolbar, which stays at the top. */
  await chart.evaluate((node) => node.scrollIntoView({ block: "center" }));
  const box = await chart.boundingBox();
  const whole = await page.textContent(".toolbar .range");
  await page.mouse.move(box.x + box.width * 0.3, box.y + 30);
  const read = await page.locator("figcaption .key b").count();
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 30, { steps: 3 });
  await page.mouse.up();
  const zoomed = await page.textContent(".toolbar .range");
  await page.keyboard.press("Escape");
  if (read === 0) return "hovering read no value";
  if (zoomed === whole) return "dragging did not zoom";
  await page.click(".toolbar button[aria-label='show the whole run']");
  return "";
}

async function look(browser, name, file) {
  const looks = [
    ["light", { colorScheme: "light", viewport: { width: 1200, height: 900 } }],
    ["dark", { colorScheme: "dark", viewport: { width: 1200, height: 900 } }],
    ["phone", { colorScheme: "light", viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true }],
  ];
  for (const [kind, options] of looks) {
    if (kind === "phone" && name !== "fail") continue;
    const { context, page, seen } = await open(browser, file, options);
    const text = `${name}, ${kind}`;
    await page.screenshot({ path: path.join(out, `${name}-${kind}.png`), fullPage: true });
    say(fs.statSync(path.join(out, `${name}-${kind}.png`)).size > 20000, `${text}: it can be looked at`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    say(wide <= 0, `${text}: nothing sticks out sideways`, `${wide} pixels`);
    const wrong = await serious(page);
    say(wrong.length === 0, `${text}: axe-core finds nothing serious`, wrong.join("\n"));
    if (kind === "light") {
      for (const [act, sentence] of [[opensByKeyboard, "evidence opens by keyboard"], [chartsAnswer, "the charts answer to keys"],
        [mouseZooms, "hovering reads values and dragging zooms"]]) {
        if (name === "trend" || (act === opensByKeyboard && name === "health")) continue;
        const problem = await act(page);
        say(problem === "", `${text}: ${sentence}`, problem);
      }
      if (name === "fail") await page.pdf({ path: path.join(out, `${name}.pdf`), format: "A4" });
      if (name === "fail") say(fs.statSync(path.join(out, "fail.pdf")).size > 20000, `${text}: it prints`);
    }
    const outside = seen.requests.filter((url) => !url.startsWith("file://") || !url.endsWith(path.basename(file)));
    say(outside.length === 0, `${text}: no request leaves the file`, outside.join("\n"));
    say(seen.errors.length === 0, `${text}: no error on the console`, seen.errors.join("\n"));
    await context.close();
  }
}

/* The page of a run that goes on: it must fill with what happens, and tell the end. */
async function lookLive(browser, url) {
  const { context, page, seen } = await open(browser, url, { colorScheme: "light", viewport: { width: 1200, height: 900 } });
  const rising = await page.waitForFunction(() => {
    const figures = [...document.querySelectorAll(".figures div")].find((d) => d.textContent.startsWith("operations"));
    return figures && Number(figures.querySelector("dd").textContent.replace(/,/g, "")) > 50;
  }, null, { timeout: 120000 }).then(() => true, () => false);
  say(rising, "live: the page fills while the run goes on");
  say(await page.locator("figure path").count() > 5, "live: its charts are drawn");
  const wrong = await serious(page);
  say(wrong.length === 0, "live: axe-core finds nothing serious", wrong.join("\n"));
  await page.screenshot({ path: path.join(out, "live-light.png"), fullPage: true });
  fs.writeFileSync(path.join(out, "live-seen"), ""); /* now the run may end */
  const ended = await page.waitForFunction(() => document.querySelector("h1").textContent === "Ended", null, { timeout: 60000 })
    .then(() => true, () => false);
  say(ended, "live: the page tells the end of the run");
  const outside = seen.requests.filter((address) => !address.startsWith(url));
  say(outside.length === 0, "live: it asks nobody but the run", outside.join("\n"));
  say(seen.errors.length === 0, "live: no error on the console", seen.errors.join("\n"));
  await context.close();
}

(async () => {
  const browser = await chromium.launch({ executablePath: process.env.ORDEAL_CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
  try {
    for (const entry of pages) {
      const at = entry.indexOf("=");
      const [name, place] = [entry.slice(0, at), entry.slice(at + 1)];
      await (name === "live" ? lookLive(browser, place) : look(browser, name, place));
    }
  } finally {
    await browser.close();
  }
  process.exit(failed ? 1 : 0);
})().catch((error) => {
  console.log("not ok - the browser test ran to its end");
  console.log("    " + error.stack);
  process.exit(1);
});
