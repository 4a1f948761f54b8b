/* Drawing the wall's screens: every node is made once and changed in place afterwards.
   Numbers arrive worded; nothing here formats one. */

const MINUS = "\u2212";
const NS = "http://www.w3.org/2000/svg";
const PLOT = { left: 130, right: 1772, top: 30, bottom: 500 }; // inside the chart's viewBox
const TILE_PARTS = ["label", "value", "arrow", "change", "note", "aim", "fill", "goal", "target", "reached", "spark"];

export const find = (selector, inside = document) => inside.querySelector(selector);
export const say = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};
const mark = (node, name, value) => {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
};

// ------------------------------------------------------------------ drawing the numbers

const tiles = new Map(); // KPI name -> its nodes, made once

function tile(name) {
  if (!tiles.has(name)) {
    const node = find("#wall-tile").content.firstElementChild.cloneNode(true);
    const part = (key) => find(`[data-part="${key}"]`, node);
    tiles.set(name, { node, ...Object.fromEntries(TILE_PARTS.map((key) => [key, part(key)])) });
  }
  return tiles.get(name);
}

function drawKpis(screen, kpis) {
  const grid = find('[data-screen="kpi"]');
  const named = new Map(kpis.map((kpi) => [kpi.name, kpi]));
  const wanted = screen.kpis.filter((name) => named.has(name)).map((name) => tile(name).node);
  if (wanted.some((node, place) => grid.children[place] !== node) || wanted.length !== grid.children.length) {
    grid.replaceChildren(...wanted); // only when the set itself changes
  }
  screen.kpis.forEach((name) => named.has(name) && drawTile(tile(name), named.get(name)));
}

function drawTile(parts, kpi) {
  const text = kpi.short || kpi.text || "–";
  say(parts.label, kpi.title);
  say(parts.value, text);
  parts.value.style.setProperty("--shrink", Math.min(1, 8 / text.length));
  drawChange(parts, kpi);
  const aimed = kpi.target !== null && kpi.target !== undefined && typeof kpi.value === "number";
  parts.aim.hidden = !aimed;
  if (aimed) drawAim(parts, kpi);
  drawSpark(parts.spark, aimed ? [] : kpi.spark || []);
}

function drawChange(parts, item) {
  const change = item.change_text || "";
  const falls = change.startsWith(MINUS) || (typeof item.change === "number" && item.change < 0);
  const flat = !change || item.change === 0;
  parts.arrow.className = flat ? "" : `bi ${falls ? "bi-caret-down-fill" : "bi-caret-up-fill"} ${item.judgement || ""}`;
  parts.change.className = item.judgement || "";
  say(parts.change, change.replace(/^[+\u2212]/, ""));
  say(parts.note, item.reason || (item.previous_short ? `was ${item.previous_short}` : item.note || ""));
}

function drawAim(parts, kpi) {
  const over = kpi.status === "over";
  const met = kpi.status === "met";
  const full = kpi.unit === "ratio" ? 1 : Math.max(kpi.target, met || over ? kpi.value * 1.25 : kpi.value, 1e-9);
  parts.fill.style.width = `${Math.min(100, Math.max(0, (100 * kpi.value) / full))}%`;
  parts.fill.className = over ? "over" : "";
  parts.goal.style.left = `${(100 * kpi.target) / full}%`;
  parts.goal.hidden = kpi.target >= full;
  say(parts.target, kpi.target_text || "");
  parts.reached.className = over ? "bad" : met ? "good" : "";
  const icon = over ? "bi-exclamation-triangle-fill" : met ? "bi-check2" : "";
  parts.reached.firstElementChild.className = icon ? `bi ${icon}` : "";
  const percent = kpi.target ? Math.floor((100 * kpi.value) / kpi.target) : 0;
  const share = kpi.target ? (percent === 0 && kpi.value > 0 ? "under 1 %" : `${percent} %`) : "";
  say(parts.reached.lastElementChild, over ? "over" : met ? "met" : share);
}

function drawSpark(svg, values) {
  const known = values.filter((value) => value !== null);
  svg.toggleAttribute("hidden", known.length < 2);
  if (known.length < 2) return;
  const low = Math.min(...known);
  const rise = Math.max(...known) - low || 1;
  const x = (place) => (place / (values.length - 1)) * 500;
  mark(svg.firstElementChild, "d", line(values, x, (value) => 66 - (60 * (value - low)) / rise));
}

function line(values, x, y) {
  let path = "";
  values.forEach((value, place) => {
    if (value === null) return;
    const joined = place > 0 && values[place - 1] !== null;
    path += `${joined ? "L" : "M"}${x(place).toFixed(1)} ${y(value).toFixed(1)}`;
  });
  return path;
}

// ------------------------------------------------------------------ the trend, as one SVG

// As many children as there are items, kept from one update to the next.
function pool(group, kind, items, place) {
  while (group.children.length < items.length) group.append(document.createElementNS(NS, kind));
  while (group.children.length > items.length) group.lastElementChild.remove();
  items.forEach((item, index) => place(group.children[index], item));
}

function drawTrend(screen) {
  const box = find('[data-screen="trend"]');
  const part = (key) => find(`[data-part="${key}"]`, box);
  say(part("label"), screen.title);
  say(part("value"), screen.short || "");
  say(part("until"), screen.until || "");
  drawChange({ arrow: part("arrow"), change: part("change"), note: part("note") }, screen);
  part("key").hidden = screen.series.length < 2;
  screen.series.slice(0, 2).forEach((series, index) => say(part(`key-${index + 1}`), series.name));
  part("chart").toggleAttribute("hidden", screen.series.length === 0);
  if (screen.series.length > 0) drawSeries(part, screen);
}

function drawSeries(part, screen) {
  const ticks = screen.ticks;
  const count = screen.series[0].values.length;
  const low = ticks[0].value;
  const high = ticks[ticks.length - 1].value;
  const x = (place) => PLOT.left + (PLOT.right - PLOT.left) * (count > 1 ? place / (count - 1) : 1);
  const y = (value) => PLOT.bottom - ((PLOT.bottom - PLOT.top) * (value - low)) / (high - low);
  pool(part("rules"), "path", ticks, (node, tick) => mark(node, "d", `M${PLOT.left} ${y(tick.value)}H${PLOT.right}`));
  pool(part("ticks"), "text", ticks, (node, tick) => {
    mark(node, "x", PLOT.left - 20);
    mark(node, "y", y(tick.value) + 9);
    say(node, tick.text);
  });
  pool(part("days"), "text", screen.labels, (node, label) => {
    mark(node, "x", x(label.at).toFixed(1));
    mark(node, "y", PLOT.bottom + 44);
    say(node, label.text);
  });
  const [now, before] = screen.series;
  mark(part("now"), "d", line(now.values, x, y));
  mark(part("before"), "d", before ? line(before.values, x, y) : "");
  const last = now.values[count - 1];
  part("dot").toggleAttribute("hidden", last === null);
  mark(part("dot"), "cx", x(count - 1));
  mark(part("dot"), "cy", last === null ? 0 : y(last));
  say(part("summary"), screen.summary || screen.title);
}

const drawers = { kpi: (screen, data) => drawKpis(screen, data.kpis), trend: drawTrend };

/** Put everything the server said on its screen. */
export function draw(data) {
  say(find("#wall-selection"), data.selection_in_words);
  data.screens.forEach((screen) => drawers[screen.name]?.(screen, data));
  const dots = find("#wall-dots");
  while (dots.children.length < data.screens.length) dots.append(document.createElement("i"));
  while (dots.children.length > data.screens.length) dots.lastElementChild.remove();
}
