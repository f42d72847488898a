// Draws a Plotly figure as SVG, once and without Plotly: heat maps, horizontal bars, lines, areas, points and the texts on
// them, on one pair of axes whose ranges and ticks are given. An unknown type of trace is an error;
// `calculator.ui.charts.drawn_chart` says why this drawing exists.
//
// A stop is a place on the drawing that has a tip: {told, x, y, apart, point}. `told` is the text of the tip, `x` and `y` are
// in pixels, `apart` is the radius of the mark, and `point` has the numbers that a click reports. Every trace returns its
// stops, and a function that finds the stop under the pointer.

const SVG = "http://www.w3.org/2000/svg";
const NEAR = 20;
const PAD = 3;

function make(parent, name, attributes = {}, words = "") {
  const node = document.createElementNS(SVG, name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  if (words) node.textContent = words;
  parent.append(node);
  return node;
}

// Text in Plotly's markup: <br> ends a line, <b> and a coloured <span> format a part of it. Nothing else is markup.
const MARKUP = /(<br>|<\/?b>|<span style="color:#[0-9a-fA-F]{6}">|<\/span>)/;

// The lines of a text, each as a list of parts with one format: {words, bold, color}.
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
  return node;
}

// The position of a number on an axis, in pixels from the beginning of the axis.
function scale(axis, length, from) {
  const [low, high] = axis.range;
  const place = axis.type === "log" ? Math.log10 : value => value;
  return value => from + (place(value) - low) / (high - low) * length;
}

// The area inside a pair of axes. All sides are whole pixels, as those of Plotly are.
function frame(layout, { xaxis, yaxis }, width) {
  const [l, r, t, b] = ["l", "r", "t", "b"].map(side => Math.round(layout.margin[side])), [from, to] = xaxis.domain ?? [0, 1], all = Math.round(width) - l - r;
  let across = all * (to - from), down = Math.round(layout.height) - t - b, left = l + all * from, top = t;
  if (yaxis.scaleanchor) {
    // Square cells, in the middle of the available area.
    const span = ({ range }) => Math.abs(range[1] - range[0]);
    const cell = Math.min(across / span(xaxis), down / span(yaxis));
    const [wide, high] = [cell * span(xaxis), cell * span(yaxis)];
    left += (across - wide) / 2;
    top += (down - high) / 2;
    [across, down] = [wide, high];
  }
  const x = scale(xaxis, across, left), y = scale(yaxis, -down, top + down);
  return { x, y, left, top, across, down, right: left + across, bottom: top + down };
}

function axes(svg, layout, { xaxis, yaxis }, at) {
  const above = xaxis.side === "top";
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
      const labels = xaxis.ticktext.some(Boolean) ? 1.6 * size : 0;
      const row = above ? at.top - labels - 0.6 * title : layout.height - 0.7 * title;
      write(svg, xaxis.title.text, (at.left + at.right) / 2, row, { size: title, color: xaxis.title.font.color });
    }
  }
  if (yaxis.visible !== false && yaxis.showticklabels !== false) {
    const { size, color } = yaxis.tickfont;
    yaxis.tickvals.forEach((value, n) => {
      const y = at.y(value);
      if (yaxis.showgrid !== false) make(grid, "path", { d: `M${at.left} ${y}H${at.right}`, stroke: yaxis.gridcolor });
      write(svg, yaxis.ticktext[n], at.left - 1, y + 0.35 * size, { size, color, anchor: "end" });
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

// The texts of the tips of a trace, which its hovertemplate names; null for a trace without tips.
function tellable(trace) {
  const name = /^%\{(\w+)\}/.exec(trace.hovertemplate ?? "")?.[1];
  return name ? trace[name] : null;
}

// The borders of cells: the given borders, or points halfway between the given middles. All lie within the axes.
function borders(values, cells, place, from, to) {
  const on = values.map(place), last = on.length - 1, halves = on.slice(1).map((end, n) => (on[n] + end) / 2);
  const ends = on.length > cells ? on : [2 * on[0] - halves[0], ...halves, 2 * on[last] - halves[last - 1]];
  return ends.map(end => Math.min(Math.max(end, from), to));
}

// All cells of one shade are one path, because each node costs the browser time.
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
    // Without a gap, the background would show as a thin line between neighbours of two shades.
    texts.before(make(svg, "path", { d, fill, ...gap ? {} : { stroke: fill, "stroke-width": 0.5 } }));
  }
  const texted = tellable(trace);
  const cells = (texted ?? []).map((row, r) => row.map((told, c) => told && x[c] !== x[c + 1] && y[r] !== y[r + 1] &&
    { told, x: (x[c] + x[c + 1]) / 2, y: (y[r] + y[r + 1]) / 2, apart: 0 }));
  return { stops: cells.flat().filter(Boolean), find: (px, py) => cells[between(y, py)]?.[between(x, px)] || null };
}

const between = (edges, value) =>
  edges.findIndex((edge, n) => Math.min(edge, edges[n + 1]) <= value && value < Math.max(edge, edges[n + 1]));

const DOWN = { top: -1, middle: 0, bottom: 1 }, ACROSS = { left: -1, center: 0, right: 1 };
const ANCHOR = { "-1": "end", 0: "middle", 1: "start" };
const nth = (value, n) => Array.isArray(value) ? value[n] : value;

// The path through points; a missing point divides the path.
const through = (points, end) => points
  .map((point, n) => point && `${points[n - 1] ? "L" : "M"}${point.join(" ")}${points[n + 1] ? "" : end}`)
  .filter(Boolean).join("");

function scatter(svg, trace, at) {
  const points = trace.x.map((x, n) => x === null ? null : [at.x(x), at.y(trace.y[n])]);
  const { mode, line, marker } = trace, has = part => mode.split("+").includes(part), g = make(svg, "g");
  if (trace.cliponaxis !== false) g.setAttribute("clip-path", `url(#${at.clip})`);
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
  if (!texted) return { stops: [], find: () => null };
  const stops = points.flatMap((point, n) => point
    ? { told: texted[n], x: point[0], y: point[1], apart: radius(n), point: [trace.x[n], trace.y[n]] } : []);
  const find = (x, y) => {
    const away = stops.map(stop => Math.hypot(stop.x - x, stop.y - y)), nearest = stops[away.indexOf(Math.min(...away))];
    return nearest && Math.hypot(nearest.x - x, nearest.y - y) <= NEAR + nearest.apart ? nearest : null;
  };
  return { stops, find };
}

// Horizontal bars. A stacked bar begins where the earlier traces of its row end, which `at.ends` records.
function bar(svg, trace, at) {
  const g = make(svg, "g", { "clip-path": `url(#${at.clip})` });
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
    const { size = at.layout.font.size, color: ink } = trace.textfont, rows = trace.text[n].split("<br>").length;
    const first = (top + bottom) / 2 + 0.35 * size - (rows - 1) * 0.65 * size;
    if (trace.insidetextanchor === "middle") write(g, trace.text[n], (left + right) / 2, first, { size, color: ink });
    else {
      // At the beginning of the bar, or after its end where the text does not fit inside.
      const words = write(svg, trace.text[n], left + PAD, first, { size, color: ink, anchor: "start" });
      if (words.getComputedTextLength() > right - left - 2 * PAD) words.firstChild.setAttribute("x", right + PAD);
    }
  });
  const texted = tellable(trace);
  const told = bars.map(({ left, right, top, bottom }, n) => texted?.[n] && right - left >= 0.01 &&
    { told: texted[n], x: (left + right) / 2, y: (top + bottom) / 2, apart: (bottom - top) / 2 });
  const find = (x, y) => told[bars.findIndex(({ left, right, top, bottom }) =>
    left <= x && x <= right && top <= y && y <= bottom)] || null;
  return { stops: told.filter(Boolean), find };
}

// Nested tiles. Their places are those of d3's squarified treemap, which Plotly uses: M. Bruls, K. Huizing and J. van Wijk,
// "Squarified treemaps", 2000. Tiles are added to a row as long as its least square tile becomes more square.
function squarify(parent, box) {
  let { x0, y0, x1, y1 } = box, value = parent.value, begin = 0;
  const nodes = parent.children;
  while (begin < nodes.length) {
    const across = x1 - x0, down = y1 - y0, unit = Math.max(down / across, across / down) / value;
    let end = begin, sum = 0, worst = Infinity;
    for (; end < nodes.length; end += 1) {
      const beta = (sum + nodes[end].value) ** 2 * unit;
      const next = Math.max(nodes[begin].value / beta, beta / nodes[end].value);
      if (next > worst) break;
      [sum, worst] = [sum + nodes[end].value, next];
    }
    const part = value ? sum / value : 1, rows = across < down;
    const strip = rows ? { x0, y0, x1, y1: y0 + down * part } : { x0, y0, x1: x0 + across * part, y1 };
    let done = 0;
    for (const node of nodes.slice(begin, end)) {
      const [from, to] = [done, done += node.value].map(sofar => sum ? sofar / sum : 0);
      const along = (low, high, share) => low + (high - low) * share;
      Object.assign(node, strip, rows
        ? { x0: along(strip.x0, strip.x1, from), x1: along(strip.x0, strip.x1, to) }
        : { y0: along(strip.y0, strip.y1, from), y1: along(strip.y0, strip.y1, to) });
    }
    if (rows) y0 = strip.y1; else x0 = strip.x1;
    value -= sum;
    begin = end;
  }
}

// The box made smaller at each side. A side that would be negative becomes 0.
function shrunk({ x0, y0, x1, y1 }, left, top, right, bottom) {
  const side = (from, to) => from > to ? [(from + to) / 2, (from + to) / 2] : [from, to];
  [[x0, x1], [y0, y1]] = [side(x0 + left, x1 - right), side(y0 + top, y1 - bottom)];
  return { x0, y0, x1, y1 };
}

// The outermost visible tile and all tiles inside, each with its place.
function tiles(trace, at) {
  const nodes = new Map(trace.ids.map((id, n) => [id, { n, value: trace.values[n], children: [] }]));
  trace.ids.forEach((id, n) => nodes.get(trace.parents[n])?.children.push(nodes.get(id)));
  const root = nodes.get(trace.level) ?? nodes.get(trace.ids[0]), { t, l, r, b } = trace.marker.pad, half = trace.tiling.pad / 2;
  const placed = [];
  const place = (node, apart) => {
    Object.assign(node, shrunk(node, apart, apart, apart, apart));
    if (Math.min(node.x1 - node.x0, node.y1 - node.y0) < 0.01) return;
    placed.push(node);
    if (!node.children.length) return;
    node.children.sort((one, other) => other.value - one.value);
    squarify(node, shrunk(node, l - half, t - half, r - half, b - half));
    for (const child of node.children) place(child, half);
  };
  place(Object.assign(root, { x0: at.left, y0: at.top, x1: at.right, y1: at.bottom }), 0);
  return placed;
}

// The texts of all tiles have one size. A text is left out where it does not fit at the smallest size.
function treemap(svg, trace, at) {
  const { marker, insidetextfont: { size, color } } = trace, { minsize } = at.layout.uniformtext, placed = tiles(trace, at);
  const g = make(svg, "g"), texts = [];
  for (const { n, x0, y0, x1, y1, children } of placed) {
    const box = { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
    make(g, "rect", { class: "tile", ...box, fill: marker.colors[n], stroke: marker.line.color, "stroke-width": marker.line.width });
    const room = { across: x1 - x0 - 2 * PAD, down: Math.min(y1 - y0, children.length ? marker.pad.t : Infinity) - 2 * PAD };
    if (room.across < 3 * PAD || room.down < minsize) continue;
    const look = { size, color, anchor: "start" };
    texts.push({ node: write(svg, trace.labels[n], x0 + PAD, y0 + PAD + 0.95 * size, look), room, n, x0, y0 });
  }
  // All are measured together, because the browser computes the layout again after each change.
  for (const text of texts) text.box = text.node.getBBox();
  const fitting = texts.map(({ box, room }) => size * Math.min(1, room.across / box.width, room.down / box.height));
  const common = Math.min(...fitting.filter(fit => fit >= minsize));
  texts.forEach(({ node, n, x0, y0 }, place) => {
    node.remove();
    const look = { size: common, color, anchor: "start" };
    if (fitting[place] >= minsize) write(svg, trace.labels[n], x0 + PAD, y0 + PAD + 0.95 * common, look);
  });
  const stops = placed.map(({ n, x0, y0, x1, y1, children }) => {
    const bottom = children.length ? Math.min(y1, y0 + marker.pad.t) : y1;
    return { told: trace.customdata[n], x: (x0 + x1) / 2, y: (y0 + bottom) / 2, apart: 0 };
  });
  const find = (x, y) => stops[placed.findLastIndex(({ x0, y0, x1, y1 }) => x0 <= x && x <= x1 && y0 <= y && y <= y1)] ?? null;
  return { stops, find };
}

const TRACES = { bar, heatmap, scatter, treemap };

let drawings = 0;

// Draws the figure in its layout's height, and returns its stops and the functions that find them. A place outside the
// axes, which may be zoomed, is not a stop.
function draw(svg, { data, layout }, width) {
  svg.replaceChildren();
  for (const [name, value] of Object.entries({ viewBox: `0 0 ${width} ${layout.height}`, width, height: layout.height }))
    svg.setAttribute(name, value);
  svg.setAttribute("font-family", layout.font.family);
  make(svg, "rect", { width, height: layout.height, fill: layout.paper_bgcolor });
  // An id must be unique on the whole page, which has several drawings.
  svg.clipId ??= `inside-${drawings += 1}`;
  const defs = make(svg, "defs"), pairs = {};
  for (const name of ["", "2"].filter(name => layout[`xaxis${name}`])) {
    const own = { xaxis: layout[`xaxis${name}`], yaxis: layout[`yaxis${name}`] }, clip = `${svg.clipId}${name}`;
    const at = pairs[`x${name}`] = { ...frame(layout, own, width), layout, ends: new Map(), clip };
    make(make(defs, "clipPath", { id: clip }), "rect", { x: at.left, y: at.top, width: at.across, height: at.down });
    axes(svg, layout, own, at);
  }
  // A figure without axes fills the area between its margins.
  const at = pairs.x ??= { ...frame(layout, { xaxis: { range: [0, 1] }, yaxis: { range: [0, 1] } }, width), layout };
  const traces = data.map(trace => TRACES[trace.type](svg, trace, pairs[trace.xaxis ?? "x"]));
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
  const inside = ({ x, y }, at) => x > at.left - 1 && x < at.right + 1 && y > at.top - 1 && y < at.bottom + 1;
  const within = stop => Object.values(pairs).some(at => inside(stop, at));
  return {
    stops: traces.flatMap(({ stops }) => stops),
    within,
    find: (x, y) => traces.map(({ find }) => find(x, y)).find(stop => stop && within(stop)) ?? null,
  };
}
