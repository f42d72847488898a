// The stamp: one input value times the whole kernel, added into the output at steps of the stride; and the way back,
// from a cell of the output to the products that make its sum. Every number comes from `calculator.geometry.stamp`;
// here they are only shown, so that playing needs no server.

const SVG = "http://www.w3.org/2000/svg";
const CELL = 40, GAP = 22, BEAT = 900, MANY = 225;
const TERMS = 16;  // The maximum number of products that are written out in a sentence.
const LETTERS = "abcdefghijklmnopqrstuvwxyz";  // They pair an input value with the weight that multiplies it.
const make = (name, attributes, parent) => {
  const node = document.createElementNS(SVG, name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  parent.append(node);
  return node;
};
const AXES = { 1: ["position"], 2: ["row", "column"], 3: ["depth", "row", "column"] };
const digits = new Intl.NumberFormat("en-US");
const text = value => digits.format(value);
// Most of a large picture does not change from one step to the next, so only changes are written.
const write = (node, words) => { if (node.words !== words) node.textContent = node.words = words; };
const plural = (count, one) => `${text(count)} ${one}${count === 1 ? "" : "s"}`;

// A 1-D, 2-D or 3-D array of cells on one plane: the slices of a volume lie beside and below each other.
function plane(shape, wide) {
  const [depth, rows, columns] = [1, 1, 1, ...shape].slice(-3);
  const across = Math.min(depth, Math.max(1, Math.floor(wide / (columns + 0.6))));
  const place = index => {
    const column = index % columns, row = Math.floor(index / columns) % rows;
    const slice = Math.floor(index / (columns * rows));
    return [
      column * CELL + (slice % across) * (columns * CELL + GAP),
      row * CELL + Math.floor(slice / across) * (rows * CELL + GAP),
    ];
  };
  const width = across * columns * CELL + (across - 1) * GAP;
  const down = Math.ceil(depth / across);
  return { place, width, height: down * rows * CELL + (down - 1) * GAP, depth, rows, columns, count: depth * rows * columns };
}

function drawn(svg, shape, wide) {
  svg.replaceChildren();
  const flat = plane(shape, wide);
  svg.setAttribute("viewBox", `-3 -3 ${flat.width + 6} ${flat.height + 6}`);
  svg.style.setProperty("--wide", flat.width + 6);
  const count = shape.reduce((product, size) => product * size, 1);
  const cells = Array.from({ length: count }, (_, index) => {
    const [x, y] = flat.place(index);
    const group = make("g", { class: "cell", transform: `translate(${x} ${y})` }, svg);
    const square = make("rect", { width: CELL, height: CELL }, group);
    const value = make("text", { x: CELL / 2, y: CELL / 2 + 5 }, group);
    return { group, square, value };
  });
  // Too many digits to read: the shades show which values are large, and a tip has the digits.
  svg.classList.toggle("shaded", count > MANY);
  return { ...flat, cells, shaded: count > MANY };
}

const shade = (cell, value, most) => { cell.square.style.fillOpacity = most ? 0.08 + 0.92 * value / most : 1; };

// The cell to which an arrow key moves: the next one in its direction, also in another slice.
function beyond(flat, from, key) {
  const [across, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  const [x, y] = flat.place(from);
  const away = index => {
    const [right, below] = flat.place(index);
    const straight = across ? below === y : right === x;
    return straight ? (right - x) * across + (below - y) * down : 0;
  };
  const found = Array.from({ length: flat.count }, (_, index) => index).filter(index => away(index) > 0);
  return found.reduce((one, other) => away(other) < away(one) ? other : one, found[0] ?? from);
}

const at = (index, shape) => shape.map((size, axis) =>
  Math.floor(index / shape.slice(axis + 1).reduce((a, b) => a * b, 1)) % size);

function build(root, data) {
  const find = name => root.querySelector(`.${name}`);
  const narrow = data.narrow;
  const input = drawn(find("input"), data.input_size, 12);
  const kernel = drawn(find("kernel"), data.kernel_size, narrow ? 8 : data.least ? 16 : 12);
  const output = drawn(find("output"), data.canvas_size, narrow ? 14 : 40);
  find("input-name").textContent = data.input_name;
  find("kernel-name").textContent = data.kernel_name;
  find("output-name").textContent = data.output_name;
  input.cells.forEach((cell, index) => { cell.value.textContent = text(data.input[index]); });
  for (const cell of [...input.cells, ...kernel.cells]) cell.mark = make("text", { x: CELL - 3, y: 11, class: "mark" }, cell.group);
  // A kernel with many cells has no room for its products; its tips have them.
  const roomy = data.kernel.length <= 36;
  kernel.cells.forEach((cell, index) => {
    cell.value.textContent = text(data.kernel[index]);
    if (kernel.shaded) shade(cell, data.kernel[index], Math.max(...data.kernel));
    if (!roomy) return;
    cell.value.setAttribute("y", 15);
    cell.product = make("text", { x: CELL / 2, y: 33, class: "product" }, cell.group);
  });
  const kept = output.cells.map((_, index) =>
    at(index, data.canvas_size).every((place, axis) => place >= data.kept[axis][0] && place < data.kept[axis][1]));
  output.cells.forEach((cell, index) => {
    cell.group.classList.toggle("cropped", !kept[index]);
    cell.added = make("text", { x: 3, y: 11, class: "added" }, cell.group);
  });
  frames(output, data);
  const most = Math.max(...data.steps[data.steps.length - 1].canvas);
  return { input, kernel, output, kept, most };
}

// The outline of the output after padding: one frame for each slice that is kept.
function frames(output, data) {
  const [depth, rows, columns] = [[0, 1], [0, 1], ...data.kept].slice(-3);
  const one = data.kept.length < 3;
  for (let slice = one ? 0 : depth[0]; slice < (one ? 1 : depth[1]); slice += 1) {
    const high = rows[1] - rows[0], wide = columns[1] - columns[0];
    if (high < 1 || wide < 1) continue;
    const first = (slice * output.rows + rows[0]) * output.columns + columns[0];
    const [x, y] = output.place(first);
    make("rect", { x, y, width: wide * CELL, height: high * CELL, class: "kept" }, output.cells[0].group.parentNode);
  }
}

// Draws one step, or with `cell` the finished output and the products whose sum this cell is.
function show(root, data, parts, step, cell) {
  const now = data.steps[step], traced = cell !== null, terms = traced ? data.sums[cell] : [];
  const find = name => root.querySelector(`.${name}`);
  const sums = (traced ? data.steps.at(-1) : now).canvas;
  const added = new Map();
  if (!traced) now.cells.forEach((place, tap) => added.set(place, now.products[tap]));
  const [from, through] = [0, 1].map(part => new Map(terms.map((term, place) => [term[part], place])));
  const mark = (drawn, place) => {
    write(drawn.mark, LETTERS[place] ?? "");
    drawn.group.classList.toggle("source", place !== undefined);
  };
  root.classList.toggle("traced", traced);
  parts.input.cells.forEach((drawn, index) => {
    drawn.group.classList.toggle("now", !traced && index === step);
    drawn.group.classList.toggle("done", !traced && index < step);
    mark(drawn, from.get(index));
  });
  parts.kernel.cells.forEach((drawn, tap) => {
    const place = through.get(tap), used = traced ? place === undefined ? null : data.steps[terms[place][0]] : now;
    mark(drawn, place);
    if (drawn.product) write(drawn.product, used ? `→ ${text(used.products[tap])}` : "");
    drawn.group.told = () => used ? `${text(used.value)} × ${text(data.kernel[tap])} = ${text(used.products[tap])}` : "not in this sum";
    retell(drawn.group);
  });
  parts.output.cells.forEach((drawn, index) => {
    const touched = added.has(index);
    write(drawn.value, sums[index] || touched || index === cell ? text(sums[index]) : "");
    write(drawn.added, touched ? `+${text(added.get(index))}` : "");
    drawn.group.classList.toggle("now", touched);
    drawn.group.classList.toggle("chosen", index === cell);
    if (parts.output.shaded) shade(drawn, sums[index], parts.most);
    drawn.group.told = () =>
      `${parts.kept[index] ? `output (${place(data, index).join(", ")})` : "cropped"}: ${text(sums[index])}`;
    retell(drawn.group);
  });
  const last = step === data.steps.length - 1;
  find("range").value = step;
  find("range").setAttribute("aria-valuetext", `step ${step + 1} of ${data.steps.length}`);
  find("count").textContent = `${step + 1} / ${data.steps.length}`;
  // While a sum is shown, each of these controls returns to the steps.
  find("back").disabled = find("first").disabled = !traced && step === 0;
  find("next").disabled = find("last").disabled = !traced && last;
  say(find("words"), traced ? origin(data, parts, cell) : [sentence(data, parts, now)]);
  say(find("products"), traced ? [around(data, cell)] : products(data, now));
  root.querySelector(".output").setAttribute("aria-label", `${data.output_name}. ${reading(data, parts, sums)}`);
  root.querySelector(".input").setAttribute("aria-label", `${data.input_name}: ${data.input.map(text).join(" ")}`);
  root.querySelector(".kernel").setAttribute("aria-label", `${data.kernel_name}: ${data.kernel.map(text).join(" ")}`);
  if (root.querySelector("details").open) list(root, data, sums);
}

// A screen reader reads a text again whenever it is written, so an equal text is not written.
function say(node, parts) {
  if (node.textContent !== parts.map(part => part.textContent ?? part).join("")) node.replaceChildren(...parts);
}

// A cell of the canvas, counted from the first position of the output.
const place = (data, cell) => at(cell, data.canvas_size).map((value, axis) => value - data.kept[axis][0]);

const named = position => position.map((value, axis) => `${AXES[position.length][axis]} ${text(value)}`).join(", ");

// The sum of one output value in numbers: each product with the letter of its two cells.
function origin(data, parts, cell) {
  const terms = data.sums[cell], where = named(place(data, cell)).replaceAll("-", "−");
  const total = text(data.steps.at(-1).canvas[cell]);
  const start = parts.kept[cell] ? `Output at ${where}: ` : `Outside of the output, at ${where}; padding crops it: `;
  if (!terms.length) return [`${start}no product lands here, so the sum is ${total}.`];
  const written = terms.slice(0, TERMS).flatMap(([step, tap], index) => {
    const span = Object.assign(document.createElement("span"), { className: "term" });
    const letter = Object.assign(document.createElement("i"), { textContent: LETTERS[index], ariaHidden: "true" });
    span.append(letter, `${text(data.input[step])} × ${text(data.kernel[tap])}`);
    return index ? [" + ", span] : [span];
  });
  const more = terms.length > TERMS ? [` + ${plural(terms.length - TERMS, "more product")}`] : [];
  return [start, ...written, ...more, " = ", Object.assign(document.createElement("b"), { textContent: total }), "."];
}

function around(data, cell) {
  const count = data.sums[cell].length;
  const paired = count ? `${plural(count, "input value")} reach${count === 1 ? "es" : ""} this position, each through one weight. ` : "";
  return paired + data.rest;
}

// The three arrays as tables, for people who do not see the picture. A volume has one table for each slice.
function list(root, data, sums) {
  const element = (name, children, attributes = {}) => {
    const made = document.createElement(name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    made.append(...children);
    return made;
  };
  const tables = (name, shape, values, first) => {
    const [depth, rows, columns] = [1, 1, 1, ...shape].slice(-3), [back, top, left] = [0, 0, 0, ...first].slice(-3);
    const count = length => Array.from({ length }, (_, index) => index);
    const head = (index, scope) => element("th", [text(index).replace("-", "−")], { scope });
    return count(depth).map(slice => element("table", [
      element("caption", [depth > 1 ? `${name}, depth ${slice - back}` : name]),
      element("tr", [element("th", [shape.length > 1 ? "row, column" : "position"], { scope: "col" }), ...count(columns).map(column => head(column - left, "col"))]),
      ...count(rows).map(row => element("tr", [
        shape.length > 1 ? head(row - top, "row") : element("th", ["value"], { scope: "row" }),
        ...count(columns).map(column => element("td", [text(values[(slice * rows + row) * columns + column])])),
      ])),
    ]));
  };
  root.querySelector(".numbers").replaceChildren(
    ...tables(data.input_name, data.input_size, data.input, []),
    ...tables(data.kernel_name.split(" →")[0], data.kernel_size, data.kernel, []),
    ...tables(data.output_name, data.canvas_size, sums, data.kept.map(([start]) => start)),
  );
}

// Writes the tip of a cell when the pointer rests on the cell, and not before.
function hint(event) {
  const group = event.target.closest(".cell");
  if (!group?.told) return;
  group.hint ??= make("title", {}, group);
  group.hint.textContent = group.told();
}

// The pointer may rest where it is while the numbers under it change.
function retell(group) {
  if (group.hint) group.hint.textContent = group.told();
}

// Reserves room for the longest of all texts, so that nothing below moves from step to step.
function room(root, data, parts) {
  const size = nodes => nodes.reduce((sum, node) => sum + (node.textContent ?? node).length, 0);
  const longest = told => told.reduce((one, other) => size(other) > size(one) ? other : one);
  const most = Math.max(...data.sums.map(terms => terms.length));
  const full = data.sums.flatMap((terms, cell) => terms.length === most ? [cell] : []);
  const words = [...data.steps.map(now => [sentence(data, parts, now)]), ...full.map(cell => origin(data, parts, cell))];
  root.querySelector(".words + .room").replaceChildren(...longest(words));
  const told = [...data.steps.map(now => products(data, now)), [around(data, full[0])]];
  root.querySelector(".products + .room").replaceChildren(...longest(told));
}

function sentence(data, parts, now) {
  const where = named(now.position);
  const cropped = now.cells.filter(cell => !parts.kept[cell]).length;
  const lost = cropped ? ` ${cropped} of these products fall${cropped === 1 ? "s" : ""} outside the kept output.` : "";
  return `The input value ${text(now.value)} at ${where} multiplies ${plural(data.kernel.length, "weight")} `
    + `and is added into the output.${lost}${now === data.steps.at(-1) ? ` ${data.ending}` : ""}`;
}

// Each product stays on one line.
function products(data, now) {
  const all = now.products.map((product, tap) => `${text(now.value)}·${text(data.kernel[tap])} = ${text(product)}`);
  const told = all.slice(0, 16).concat(all.length > 16 ? [`… and ${text(all.length - 16)} more`] : []);
  return told.flatMap((words, place) => {
    const span = document.createElement("span");
    span.textContent = words;
    return place ? ["   ", span] : [span];
  });
}

function reading(data, parts, sums) {
  const width = data.kept[data.kept.length - 1];
  const values = sums.filter((_, index) => parts.kept[index]);
  const columns = Math.max(1, width[1] - width[0]), rows = [];
  for (let start = 0; start < values.length; start += columns) rows.push(values.slice(start, start + columns).map(text).join(" "));
  return rows.join("; ");
}

// In the presenter's view no number is smaller than `least` pixels. A cell without room for its numbers has none.
function fit(root, data, parts) {
  for (const name of ["input", "kernel", "output"]) {
    const svg = root.querySelector(`.${name}`), scale = svg.getScreenCTM()?.a;
    if (!data.least || !scale) continue;
    const least = data.least / scale, longest = Math.max(...parts[name].cells.map(({ value }) => value.textContent.length));
    svg.style.setProperty("--least", `${least}px`);
    // One or two lines of digits, whose height is two thirds of the font size.
    const two = least <= 0.55 * CELL, top = 3 + 0.66 * least, bottom = CELL - 3, middle = CELL / 2 + 0.33 * Math.max(16, least);
    svg.classList.toggle("single", !two);
    svg.classList.toggle("unread", least > 0.8 * CELL || least * 0.5 * longest > CELL);
    for (const { value, product, added, mark } of parts[name].cells) {
      value.setAttribute("y", two && product ? top : two && added ? bottom : middle);
      product?.setAttribute("y", bottom);
      added?.setAttribute("y", top);
      mark?.setAttribute("y", top);
    }
  }
}

export default function ({ parentElement, data: { json } }) {
  const root = parentElement.querySelector(".stamp"), data = JSON.parse(json);
  for (const name in data.colours) root.style.setProperty(`--our-${name}`, data.colours[name]);
  root.setAttribute("aria-label", data.name);
  root.setAttribute("aria-description", data.finding);
  root.classList.toggle("narrow", data.narrow);
  root.classList.toggle("line", data.input_size.length === 1);
  root.classList.toggle("presented", data.least > 0);
  // A volume, or a large kernel, leaves the output too little room beside it.
  const stacked = data.input_size.length === 3 || Math.max(...data.kernel_size) > 5;
  root.classList.toggle("stacked", stacked);
  root.style.setProperty("--zoom", data.zoom);
  const parts = build(root, data);
  const most = data.steps.length - 1;
  const range = root.querySelector(".range"), play = root.querySelector(".play");
  range.max = most;
  room(root, data, parts);
  let step = Math.min(Number(root.dataset.step ?? 0), most);
  // The chosen cell is stored by its place in the output, so that it stays the same while the layer changes.
  let cell = cellAt(data, root.chosen);
  const draw = () => {
    root.dataset.step = step;
    root.chosen = cell === null ? null : place(data, cell);
    show(root, data, parts, step, cell);
    fit(root, data, parts);
  };
  const go = wanted => {
    step = Math.max(0, Math.min(most, wanted));
    cell = null;
    draw();
  };
  const playing = on => {
    clearTimeout(root.timer);
    root.classList.toggle("playing", on);
    play.textContent = on ? "❚❚ Pause" : "▶ Play";
    if (on) root.timer = setTimeout(beat, BEAT);
  };
  const beat = () => {
    if (step < most) go(step + 1);
    playing(step < most);
  };
  const jump = wanted => { playing(false); go(wanted); };
  const trace = wanted => {
    playing(false);
    cell = wanted;
    draw();
  };
  play.onclick = () => {
    const on = !root.classList.contains("playing");
    if (on) go(step === most ? 0 : step);
    playing(on);
  };
  root.querySelector(".first").onclick = () => jump(0);
  root.querySelector(".back").onclick = () => jump(step - 1);
  root.querySelector(".next").onclick = () => jump(step + 1);
  root.querySelector(".last").onclick = () => jump(most);
  range.oninput = () => jump(Number(range.value));
  // While a finger or the mouse drags across the input, the value under it is the one that stamps.
  const under = (event, pane) => {
    const found = parentElement.elementFromPoint(event.clientX, event.clientY)?.closest(".cell");
    return pane.cells.findIndex(({ group }) => group === found);
  };
  const drag = event => {
    if (event.type === "pointermove" && !event.buttons) return;
    const index = under(event, parts.input);
    if (index >= 0) jump(index);
  };
  const input = root.querySelector(".input"), output = root.querySelector(".output");
  input.onpointerdown = drag;
  input.onpointermove = drag;
  output.onclick = event => {
    const index = under(event, parts.output);
    if (index >= 0) trace(index === cell ? null : index);
  };
  const first = parts.kept.indexOf(true);
  const key = (pane, from, choose) => event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && cell !== null) trace(null);
    else if (event.key.startsWith("Arrow")) choose(from() === null ? first : beyond(pane, from(), event.key));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  input.parentNode.onkeydown = key(parts.input, () => step, jump);
  output.parentNode.onkeydown = key(parts.output, () => cell, trace);
  root.querySelector("details").ontoggle = draw;
  for (const name of ["kernel", "output"]) root.querySelector(`.${name}`).onpointerover = hint;
  if (data.least) {
    root.sizes ??= new ResizeObserver(() => root.fit());
    root.fit = () => fit(root, data, parts);
    root.sizes.observe(root);
  } else root.sizes?.disconnect();
  // Streamlit calls this again with new data, so the timer is stored on the root element.
  const still = root.classList.contains("playing");
  draw();
  playing(still && step < most);
  // Streamlit calls this when the element is removed, or when newer data arrives. Then everything belongs to that call.
  return () => {
    if (root.isConnected) return;
    clearTimeout(root.timer);
    root.sizes?.disconnect();
  };
}

// The cell of the canvas at the chosen place of the output; null if no place was chosen, or the output has it no longer.
function cellAt(data, chosen) {
  if (chosen?.length !== data.kept.length) return null;
  const index = chosen.map((value, axis) => value + data.kept[axis][0]);
  if (index.some((value, axis) => value < 0 || value >= data.canvas_size[axis])) return null;
  return index.reduce((sum, value, axis) => sum * data.canvas_size[axis] + value, 0);
}
