// Draws a Plotly figure as SVG, once and without Plotly: heat maps, horizontal bars, lines, areas, points and the texts on
// them, on one pair of axes whose ranges and ticks are given. What it does not know it refuses;
// `calculator.ui.components.svg_chart` says why it exists.

const SVG = "http://www.w3.org/2000/svg";
const NEAR = 20;

function make(parent, name, attributes = {}, words = "") {
  const node = document.createElementNS(SVG, name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  if (words) node.textContent = words;
  parent.append(node);
  return node;
}

// Text as Plotly marks it up: <br> ends a line, <b> and a coloured <span> change how it is written. Nothing else is markup.
const MARKUP = /(<br>|<\/?b>|<span style="color:#[0-9a-fA-F]{6}">|<\/span>)/;

// The lines of a text, each a list of parts of one look: {words, bold, color}.
function lines(text) {
  let bold = false, color = null;
  const found = [[]];
  for (const part of text.split(MARKUP)) {
    if (part === "<br>") found.push([]);
    else if (part === "<b>" || part === "</b>") bold = part === "<b>";
    else if (part === "</span>") color = null;
    else if (MARKUP.test(part)) color = part.slice(-9, -2);
    else if (part) found.at(-1).push({ words: part, bold, color });
  }
  return found;
}

function write(parent, words, x, y, { size, color, anchor = "middle", turned = false }) {
  const node = make(parent, "text", { "font-size": size, fill: color, "text-anchor": anchor });
  if (turned) node.setAttribute("transform", `rotate(-90 ${x} ${y})`);
  lines(words).forEach((line, place) => {
    if (!line.some(part => part.words.trim())) return;
    const row = make(node, "tspan", { x, y: y + place * 1.3 * size });
    for (const { words, bold, color } of line) {
      const part = make(row, "tspan", color ? { fill: color } : {}, words);
      if (bold) part.setAttribute("font-weight", 700);
    }
  });
}

// Where a number of an axis lies, in pixels from the start of the drawing's inside.
function scale(axis, length, from) {
  const [low, high] = axis.range;
  const place = axis.type === "log" ? Math.log10 : value => value;
  return value => from + (place(value) - low) / (high - low) * length;
}

function frame(layout, width) {
  const { l, r, t, b } = layout.margin;
  let across = width - l - r, down = layout.height - t - b, left = l, top = t;
  if (layout.yaxis.scaleanchor) {
    // Square cells, in the middle of what room there is.
    const span = ({ range }) => Math.abs(range[1] - range[0]);
    const cell = Math.min(across / span(layout.xaxis), down / span(layout.yaxis));
    const [wide, high] = [cell * span(layout.xaxis), cell * span(layout.yaxis)];
    left += (across - wide) / 2;
    top += (down - high) / 2;
    [across, down] = [wide, high];
  }
  const x = scale(layout.xaxis, across, left), y = scale(layout.yaxis, -down, top + down);
  return { x, y, left, top, across, down, right: left + across, bottom: top + down };
}

function axes(svg, layout, at) {
  const { xaxis, yaxis } = layout, above = xaxis.side === "top";
  const grid = make(svg, "g");
  if (xaxis.visible !== false) {
    const { size, color } = xaxis.tickfont;
    const y = above ? at.top - 0.6 * size : at.bottom + 1.2 * size;
    xaxis.tickvals.forEach((value, n) => {
      const x = at.x(value);
      if (xaxis.showgrid !== false) make(grid, "path", { d: `M${x} ${at.top}V${at.bottom}`, stroke: xaxis.gridcolor });
      write(svg, xaxis.ticktext[n], x, y, { size, color });
    });
    if (xaxis.title) {
      const title = xaxis.title.font.size;
      const row = above ? title : layout.height - 0.7 * title;
      write(svg, xaxis.title.text, (at.left + at.right) / 2, row, { size: title, color: xaxis.title.font.color });
    }
  }
  if (yaxis.visible !== false) {
    const { size, color } = yaxis.tickfont;
    yaxis.tickvals.forEach((value, n) => {
      const y = at.y(value);
      if (yaxis.showgrid !== false) make(grid, "path", { d: `M${at.left} ${y}H${at.right}`, stroke: yaxis.gridcolor });
      write(svg, yaxis.ticktext[n], at.left - 0.3 * size, y + 0.35 * size, { size, color, anchor: "end" });
    });
    if (!yaxis.title) return;
    const { size: title, color: shade } = yaxis.title.font;
    const longest = Math.max(0, ...yaxis.ticktext.map(words => words.length));
    const x = Math.max(title, at.left - (longest * 0.5 + 0.8) * size);
    write(svg, yaxis.title.text, x, (at.top + at.bottom) / 2, { size: title, color: shade, turned: true });
  }
}

const channels = colour => [1, 3, 5].map(place => parseInt(colour.slice(place, place + 2), 16));

function shade(colours, value) {
  const after = Math.max(1, colours.findIndex(([place]) => place >= value));
  const [[low, one], [high, other]] = [colours[after - 1], colours[after]];
  const part = (value - low) / (high - low), ends = channels(other);
  return `rgb(${channels(one).map((from, n) => Math.round(from + (ends[n] - from) * part)).join()})`;
}

// The texts of a trace that the pointer is told, by Plotly's name for them: null where it is told nothing.
function tellable(trace) {
  const name = /^%\{(\w+)\}/.exec(trace.hovertemplate ?? "")?.[1];
  return name ? trace[name] : null;
}

// The borders of cells: those given, or halfway between given middles on the screen; all of them within the axes.
function borders(values, cells, place, from, to) {
  const on = values.map(place), last = on.length - 1, halves = on.slice(1).map((end, n) => (on[n] + end) / 2);
  const ends = on.length > cells ? on : [2 * on[0] - halves[0], ...halves, 2 * on[last] - halves[last - 1]];
  return ends.map(end => Math.min(Math.max(end, from), to));
}

// All cells of one shade are one path: the browser pays by node.
function heatmap(svg, trace, at) {
  const paths = new Map(), texts = make(svg, "g"), gap = (trace.xgap ?? 0) / 2;
  const x = borders(trace.x, trace.z[0].length, at.x, at.left, at.right);
  const y = borders(trace.y, trace.z.length, at.y, at.top, at.bottom);
  const values = trace.z.flat().filter(value => value !== null);
  const low = trace.zmin ?? Math.min(...values), high = trace.zmax ?? Math.max(...values);
  trace.z.forEach((row, r) => row.forEach((value, c) => {
    if (value === null) return;
    const [left, right, top, bottom] = [x[c], x[c + 1], y[r], y[r + 1]];
    const [above, below] = top < bottom ? [top, bottom] : [bottom, top];
    const cell = `M${left + gap} ${above + gap}H${right - gap}V${below - gap}H${left + gap}Z`;
    paths.set(value, (paths.get(value) ?? "") + cell);
    if (!trace.texttemplate || !trace.text[r][c]) return;
    const { size, color } = trace.textfont;
    write(texts, trace.text[r][c], (left + right) / 2, (top + bottom) / 2 + 0.35 * size, { size, color });
  }));
  for (const [value, d] of paths) {
    const fill = shade(trace.colorscale, high > low ? (value - low) / (high - low) : 0);
    // Without a gap, neighbours of two shades would show a line of the background between them.
    texts.before(make(svg, "path", { d, fill, ...gap ? {} : { stroke: fill, "stroke-width": 0.5 } }));
  }
  const texted = tellable(trace);
  return (px, py) => {
    const c = between(x, px), r = between(y, py), told = texted?.[r]?.[c];
    return told ? { told, x: (x[c] + x[c + 1]) / 2, y: (y[r] + y[r + 1]) / 2, apart: 0 } : null;
  };
}

const between = (edges, value) =>
  edges.findIndex((edge, n) => Math.min(edge, edges[n + 1]) <= value && value < Math.max(edge, edges[n + 1]));

const DOWN = { top: -1, middle: 0, bottom: 1 }, ACROSS = { left: -1, center: 0, right: 1 };
const ANCHOR = { "-1": "end", 0: "middle", 1: "start" };
const nth = (value, n) => Array.isArray(value) ? value[n] : value;

// The path through points; a missing one parts it into several.
const through = (points, end) => points
  .map((point, n) => point && `${points[n - 1] ? "L" : "M"}${point.join(" ")}${points[n + 1] ? "" : end}`)
  .filter(Boolean).join("");

function scatter(svg, trace, at) {
  const points = trace.x.map((x, n) => x === null ? null : [at.x(x), at.y(trace.y[n])]);
  const { mode, line, marker } = trace, has = part => mode.split("+").includes(part), g = make(svg, "g");
  if (trace.cliponaxis !== false) g.setAttribute("clip-path", "url(#inside)");
  if (trace.fill) make(g, "path", { d: through(points, "Z"), fill: trace.fillcolor });
  if (has("lines")) {
    const dash = line.dash === "dot" ? `${Math.max(line.width, 3)}` : "none";
    const look = { fill: "none", stroke: line.color, "stroke-width": line.width, "stroke-dasharray": dash };
    make(g, "path", { d: through(points, trace.fill ? "Z" : ""), ...look });
  }
  const radius = n => has("markers") ? nth(marker.size, n) / 2 : 0;
  if (has("markers")) points.forEach((point, n) => {
    if (!point || !radius(n)) return;
    const color = nth(marker.color, n), open = nth(marker.symbol, n) === "circle-open";
    const [edge, width] = open ? [color, 2] : [nth(marker.line?.color, n), nth(marker.line?.width, n)];
    const look = { fill: open ? "none" : color, ...width ? { stroke: edge, "stroke-width": width } : {} };
    make(g, "circle", { class: "point", cx: point[0], cy: point[1], r: radius(n), ...look });
  });
  if (has("text")) points.forEach((point, n) => {
    if (!point || !trace.text[n]) return;
    const { size, color } = trace.textfont;
    const [vertical, horizontal] = nth(trace.textposition, n).split(" ");
    const apart = radius(n) && radius(n) / 0.8 + 1, down = DOWN[vertical], across = ACROSS[horizontal];
    const tall = ((trace.text[n].split("<br>").length - 1) * 1.3 + 1) * size;
    const first = point[1] + 0.75 * size + down * apart + (down - 1) * tall / 2;
    write(g, trace.text[n], point[0] + across * apart, first, { size, color, anchor: ANCHOR[across] });
  });
  const texted = tellable(trace);
  if (!texted) return null;
  return (x, y) => {
    const away = points.map(point => point ? Math.hypot(point[0] - x, point[1] - y) : Infinity);
    const n = away.indexOf(Math.min(...away));
    if (away[n] > NEAR + radius(n)) return null;
    return { told: texted[n], x: points[n][0], y: points[n][1], apart: radius(n), point: [trace.x[n], trace.y[n]] };
  };
}

// Horizontal bars. Stacked ones begin where the earlier traces of their row end, which `at.ends` remembers.
function bar(svg, trace, at) {
  const g = make(svg, "g", { "clip-path": "url(#inside)" });
  const stacked = at.layout.barmode === "stack", wide = trace.width ?? 1 - at.layout.bargap;
  const bars = trace.x.map((length, n) => {
    const row = trace.y[n], begin = trace.base?.[n] ?? (stacked ? at.ends.get(row) ?? 0 : 0), end = begin + length;
    if (stacked) at.ends.set(row, end);
    const [left, right] = [begin, end].map(at.x), [one, other] = [row - wide / 2, row + wide / 2].map(at.y);
    return { left, right, top: Math.min(one, other), bottom: Math.max(one, other) };
  });
  bars.forEach(({ left, right, top, bottom }, n) => {
    if (right - left < 0.01) return;
    const { color, line } = trace.marker, stroke = nth(line.color, n), width = nth(line.width, n);
    const box = { x: left, y: top, width: right - left, height: bottom - top };
    make(g, "rect", { class: "bar", ...box, fill: nth(color, n), stroke, "stroke-width": width });
    if (!trace.text?.[n]) return;
    const { size, color: ink } = trace.textfont, rows = trace.text[n].split("<br>").length;
    const first = (top + bottom) / 2 + 0.35 * size - (rows - 1) * 0.65 * size;
    write(g, trace.text[n], (left + right) / 2, first, { size, color: ink });
  });
  const texted = tellable(trace);
  return (x, y) => {
    const n = bars.findIndex(({ left, right, top, bottom }) => left <= x && x <= right && top <= y && y <= bottom);
    if (n < 0 || !texted?.[n]) return null;
    const { left, right, top, bottom } = bars[n];
    return { told: texted[n], x: (left + right) / 2, y: (top + bottom) / 2, apart: (bottom - top) / 2 };
  };
}

const TRACES = { bar, heatmap, scatter };

function draw(svg, figure, width) {
  const { data, layout } = figure;
  svg.replaceChildren();
  for (const [name, value] of Object.entries({ viewBox: `0 0 ${width} ${layout.height}`, width, height: layout.height }))
    svg.setAttribute(name, value);
  svg.setAttribute("font-family", layout.font.family);
  make(svg, "rect", { width, height: layout.height, fill: layout.paper_bgcolor });
  const at = { ...frame(layout, width), layout, ends: new Map() };
  const inside = { x: at.left, y: at.top, width: at.across, height: at.down };
  make(make(make(svg, "defs"), "clipPath", { id: "inside" }), "rect", inside);
  axes(svg, layout, at);
  const finders = data.map(trace => TRACES[trace.type](svg, trace, at)).filter(Boolean);
  for (const { type, path, fillcolor, x0, x1, y0, y1, line } of layout.shapes ?? []) {
    if (type === "path") {
      const d = path.replace(/([^\sMLZ,]+),([^\sMLZ,]+)/g, (_, x, y) => `${at.x(Number(x))},${at.y(Number(y))}`);
      make(svg, "path", { d, fill: fillcolor });
      continue;
    }
    const [left, right] = [x0, x1].map(at.x), [top, bottom] = [y0, y1].map(at.y);
    const box = { x: left, y: top, width: right - left, height: bottom - top };
    make(svg, "rect", { ...box, fill: "none", stroke: line.color, "stroke-width": line.width });
  }
  for (const { text, x, y, font, xanchor = "center", yanchor = "middle" } of layout.annotations ?? []) {
    const { size, color = layout.font.color } = font, row = at.y(y) + (yanchor === "middle" ? 0.35 : -0.3) * size;
    write(svg, text, at.x(x), row, { size, color, anchor: ANCHOR[-ACROSS[xanchor]] });
  }
  return (x, y) => finders.map(find => find(x, y)).find(Boolean);
}

// What lies under the pointer, beside it and inside of the drawing. The whole screen shows the drawing larger.
function tell(tip, found, svg) {
  tip.hidden = !found;
  if (!found) return;
  tip.replaceChildren(...lines(found.told).flatMap((line, place) => {
    const parts = line.map(({ words, bold }) =>
      Object.assign(document.createElement(bold ? "b" : "span"), { textContent: words }));
    return place ? [document.createElement("br"), ...parts] : parts;
  }));
  const box = svg.parentNode.getBoundingClientRect(), { a, e, f } = svg.getScreenCTM();
  const x = found.x * a + e - box.left, y = found.y * a + f - box.top, apart = found.apart * a;
  const left = Math.max(0, Math.min(box.width - tip.offsetWidth, x - tip.offsetWidth / 2));
  const above = y - apart - tip.offsetHeight - 8;
  Object.assign(tip.style, { left: `${left}px`, top: `${above < 0 ? y + apart + 10 : above}px` });
}

function save(svg, { picture, name }) {
  const source = new Blob([new XMLSerializer().serializeToString(svg)], { type: "image/svg+xml" });
  const url = URL.createObjectURL(source);
  const download = href => Object.assign(document.createElement("a"), { href, download: `${name}.${picture}` }).click();
  if (picture === "svg") { download(url); return; }
  const image = new Image();
  image.onload = () => {
    // Three times the size on screen: sharp on a projector and in print.
    const canvas = Object.assign(document.createElement("canvas"), { width: image.width * 3, height: image.height * 3 });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    download(canvas.toDataURL("image/png"));
  };
  image.src = url;
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".drawing"), svg = root.querySelector("svg"), tip = root.querySelector(".tip");
  const { layout } = data.figure;
  root.setAttribute("aria-label", data.alt);
  root.style.setProperty("--ink", layout.font.color);
  root.style.setProperty("--paper", layout.paper_bgcolor);
  root.style.fontSize = `${layout.hoverlabel.font.size}px`;
  root.style.height = `${layout.height}px`;
  root.figure = data.figure;
  root.redraw = () => {
    const width = root.clientWidth;
    if (width && !root.matches(":fullscreen")) root.find = draw(svg, root.figure, width);
    tip.hidden = true;
  };
  root.redraw();
  // Called again for every change of the data: the observer is set up once.
  if (!root.observer) {
    root.observer = new ResizeObserver(() => { if (root.clientWidth !== Number(svg.getAttribute("width"))) root.redraw(); });
    root.observer.observe(root);
  }
  const under = event => {
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return root.find?.(x, y);
  };
  root.onpointermove = root.onpointerdown = event => {
    const found = under(event);
    root.classList.toggle("clickable", Boolean(data.clickable && found?.point));
    tell(tip, found, svg);
  };
  root.onpointerleave = () => { tip.hidden = true; };
  svg.onclick = event => {
    const point = under(event)?.point;
    if (data.clickable && point) setTriggerValue("point", point);
  };
  const camera = root.querySelector(".camera"), screen = root.querySelector(".screen");
  camera.hidden = !data.picture;
  camera.title = `Save as ${data.picture.toUpperCase()}`;
  camera.onclick = () => save(svg, data);
  // A chart that cannot be saved is a strip without room for buttons.
  screen.hidden = !document.fullscreenEnabled || !data.picture;
  screen.onclick = () => document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen();
}
