// Draws a small Plotly figure as SVG, once and without Plotly: heat maps, lines, points and what is written on them, on
// axes whose ranges and ticks are given. What it does not know it refuses; `calculator.ui.components.svg_chart` says why it exists.

const SVG = "http://www.w3.org/2000/svg";
const NEAR = 20;

function make(parent, name, attributes = {}, words = "") {
  const node = document.createElementNS(SVG, name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  if (words) node.textContent = words;
  parent.append(node);
  return node;
}

// Text as Plotly marks it up: <br> ends a line, a line between <b> and </b> is bold. Nothing else is markup.
const lines = words => {
  let bold = false;
  return words.split("<br>").map(line => {
    const starts = line.startsWith("<b>"), ends = line.endsWith("</b>");
    bold ||= starts;
    const found = { words: line.slice(starts ? 3 : 0, ends ? -4 : undefined), bold };
    if (ends) bold = false;
    return found;
  });
};

function write(parent, words, x, y, { size, color, anchor = "middle", turned = false }) {
  const node = make(parent, "text", { "font-size": size, fill: color, "text-anchor": anchor });
  if (turned) node.setAttribute("transform", `rotate(-90 ${x} ${y})`);
  lines(words).forEach((line, place) => {
    const part = make(node, "tspan", { x, y: y + place * 1.3 * size }, line.words);
    if (line.bold) part.setAttribute("font-weight", 700);
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
    const y = above ? at.top - 0.8 * size : at.bottom + 1.2 * size;
    xaxis.tickvals.forEach((value, n) => {
      const x = at.x(value);
      if (xaxis.showgrid !== false) make(grid, "path", { d: `M${x} ${at.top}V${at.bottom}`, stroke: xaxis.gridcolor });
      write(svg, xaxis.ticktext[n], x, y, { size, color });
    });
    const title = xaxis.title.font.size;
    const row = above ? title : layout.height - 0.7 * title;
    write(svg, xaxis.title.text, (at.left + at.right) / 2, row, { size: title, color: xaxis.title.font.color });
  }
  if (yaxis.visible !== false) {
    const { size, color } = yaxis.tickfont;
    yaxis.tickvals.forEach((value, n) => {
      const y = at.y(value);
      if (yaxis.showgrid !== false) make(grid, "path", { d: `M${at.left} ${y}H${at.right}`, stroke: yaxis.gridcolor });
      write(svg, yaxis.ticktext[n], at.left - 0.3 * size, y + 0.35 * size, { size, color, anchor: "end" });
    });
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

// All cells of one shade are one path: the browser pays by node.
function heatmap(svg, trace, at) {
  const paths = new Map(), texts = make(svg, "g");
  trace.z.forEach((row, r) => row.forEach((value, c) => {
    if (value === null) return;
    const [left, right] = [trace.x[c], trace.x[c + 1]].map(at.x), [top, bottom] = [trace.y[r], trace.y[r + 1]].map(at.y);
    const cell = `M${left + 0.5} ${top + 0.5}H${right - 0.5}V${bottom - 0.5}H${left + 0.5}Z`;
    paths.set(value, (paths.get(value) ?? "") + cell);
    if (!trace.texttemplate || !trace.text[r][c]) return;
    const { size, color } = trace.textfont;
    write(texts, trace.text[r][c], (left + right) / 2, (top + bottom) / 2 + 0.35 * size, { size, color });
  }));
  for (const [value, d] of paths) texts.before(make(svg, "path", { d, fill: shade(trace.colorscale, value) }));
  return (x, y) => {
    const column = between(trace.x.map(at.x), x), row = between(trace.y.map(at.y), y), told = trace.customdata[row]?.[column];
    const middle = (ends, n, place) => (place(ends[n]) + place(ends[n + 1])) / 2;
    return told ? { told, x: middle(trace.x, column, at.x), y: middle(trace.y, row, at.y), apart: 0 } : null;
  };
}

const between = (edges, value) => edges.findIndex((edge, n) => edge <= value && value < edges[n + 1]);

const DOWN = { top: -1, middle: 0, bottom: 1 }, ACROSS = { left: -1, center: 0, right: 1 };
const ANCHOR = { "-1": "end", 0: "middle", 1: "start" };
const nth = (value, n) => Array.isArray(value) ? value[n] : value;

function scatter(svg, trace, at) {
  const points = trace.x.map((x, n) => [at.x(x), at.y(trace.y[n])]);
  const { mode, line, marker } = trace;
  if (mode === "lines" && points.length) {
    const d = `M${points.map(point => point.join(" ")).join("L")}${trace.fill ? "Z" : ""}`;
    const dash = line.dash === "dot" ? `${Math.max(line.width, 3)}` : "none";
    const fill = trace.fill ? trace.fillcolor : "none";
    make(svg, "path", { d, fill, stroke: line.color, "stroke-width": line.width, "stroke-dasharray": dash });
  }
  if (!mode.startsWith("markers")) return null;
  const radius = n => nth(marker.size, n) / 2;
  points.forEach(([cx, cy], n) => {
    const color = nth(marker.color, n), open = nth(marker.symbol, n) === "circle-open";
    const look = open ? { fill: "none", stroke: color, "stroke-width": 2 } : { fill: color };
    make(svg, "circle", { class: "point", cx, cy, r: radius(n), ...look });
  });
  if (mode.endsWith("text")) points.forEach(([x, y], n) => {
    if (!trace.text[n]) return;
    const { size, color } = trace.textfont;
    const [vertical, horizontal] = nth(trace.textposition, n).split(" ");
    const apart = radius(n) / 0.8 + 1, down = DOWN[vertical], across = ACROSS[horizontal];
    const tall = ((trace.text[n].split("<br>").length - 1) * 1.3 + 1) * size;
    const first = y + 0.75 * size + down * apart + (down - 1) * tall / 2;
    write(svg, trace.text[n], x + across * apart, first, { size, color, anchor: ANCHOR[across] });
  });
  if (!trace.customdata) return null;
  return (x, y) => {
    const away = points.map(point => Math.hypot(point[0] - x, point[1] - y));
    const n = away.indexOf(Math.min(...away));
    if (away[n] > NEAR + radius(n)) return null;
    return { told: trace.customdata[n], x: points[n][0], y: points[n][1], apart: radius(n), point: [trace.x[n], trace.y[n]] };
  };
}

const TRACES = { heatmap, scatter };

function draw(svg, figure, width) {
  const { data, layout } = figure;
  svg.replaceChildren();
  for (const [name, value] of Object.entries({ viewBox: `0 0 ${width} ${layout.height}`, width, height: layout.height }))
    svg.setAttribute(name, value);
  svg.setAttribute("font-family", layout.font.family);
  make(svg, "rect", { width, height: layout.height, fill: layout.paper_bgcolor });
  const at = frame(layout, width);
  axes(svg, layout, at);
  const finders = data.map(trace => TRACES[trace.type](svg, trace, at)).filter(Boolean);
  for (const { x0, x1, y0, y1, line } of layout.shapes ?? []) {
    const [left, right] = [x0, x1].map(at.x), [top, bottom] = [y0, y1].map(at.y);
    const box = { x: left, y: top, width: right - left, height: bottom - top };
    make(svg, "rect", { ...box, fill: "none", stroke: line.color, "stroke-width": line.width });
  }
  for (const { text, x, y, font } of layout.annotations ?? [])
    write(svg, text, at.x(x), at.y(y) - 0.3 * font.size, { size: font.size, color: layout.font.color, anchor: "start" });
  return (x, y) => finders.map(find => find(x, y)).find(Boolean);
}

// What lies under the pointer, beside it and inside of the drawing. The whole screen shows the drawing larger.
function tell(tip, found, svg) {
  tip.hidden = !found;
  if (!found) return;
  tip.replaceChildren(...lines(found.told).flatMap(({ words, bold }, place) => {
    const part = document.createElement(bold ? "b" : "span");
    part.textContent = words;
    return place ? [document.createElement("br"), part] : [part];
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
  screen.hidden = !document.fullscreenEnabled;
  screen.onclick = () => document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen();
}
