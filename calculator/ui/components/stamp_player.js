// The stamp: one input value times the whole kernel, added into the output at steps of the stride. Every number
// comes from `calculator.geometry.stamp`; here they are only shown, so that playing needs no server.

const SVG = "http://www.w3.org/2000/svg";
const CELL = 40, GAP = 22, BEAT = 900, MANY = 225;
const make = (name, attributes, parent) => {
  const node = document.createElementNS(SVG, name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  parent.append(node);
  return node;
};
const AXES = { 1: ["position"], 2: ["row", "column"], 3: ["depth", "row", "column"] };
const digits = new Intl.NumberFormat("en-US");
const text = value => digits.format(value);
// Most of a large picture stays as it is from one step to the next: only what changes is written.
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
  return { place, width, height: down * rows * CELL + (down - 1) * GAP, depth, rows, columns };
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
  // Too many to read: shades tell where there is more, and the pointer tells the digits.
  svg.classList.toggle("shaded", count > MANY);
  return { ...flat, cells, shaded: count > MANY };
}

const shade = (cell, value, most) => { cell.square.style.fillOpacity = most ? 0.08 + 0.92 * value / most : 1; };

const at = (index, shape) => shape.map((size, axis) =>
  Math.floor(index / shape.slice(axis + 1).reduce((a, b) => a * b, 1)) % size);

function build(root, data) {
  const find = name => root.querySelector(`.${name}`);
  const narrow = data.narrow;
  const input = drawn(find("input"), data.input_size, 12);
  const kernel = drawn(find("kernel"), data.kernel_size, narrow ? 8 : 12);
  const output = drawn(find("output"), data.canvas_size, narrow ? 14 : 40);
  find("input-name").textContent = data.input_name;
  find("kernel-name").textContent = data.kernel_name;
  find("output-name").textContent = data.output_name;
  input.cells.forEach((cell, index) => { cell.value.textContent = text(data.input[index]); });
  // A kernel with many cells has no room for its products as well; they are told when pointed at.
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

// The outline of what padding leaves: one frame for each slice that is kept.
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

function show(root, data, parts, step) {
  const now = data.steps[step];
  const find = name => root.querySelector(`.${name}`);
  const sums = now.canvas;
  const added = new Map();
  now.cells.forEach((cell, tap) => added.set(cell, (added.get(cell) ?? 0) + now.products[tap]));
  parts.input.cells.forEach((cell, index) => {
    cell.group.classList.toggle("now", index === step);
    cell.group.classList.toggle("done", index < step);
  });
  parts.kernel.cells.forEach((cell, tap) => {
    if (cell.product) write(cell.product, `→ ${text(now.products[tap])}`);
    cell.group.told = () => `${text(now.value)} × ${text(data.kernel[tap])} = ${text(now.products[tap])}`;
    retell(cell.group);
  });
  parts.output.cells.forEach((cell, index) => {
    const touched = added.has(index);
    write(cell.value, sums[index] || touched ? text(sums[index]) : "");
    write(cell.added, touched ? `+${text(added.get(index))}` : "");
    cell.group.classList.toggle("now", touched);
    if (parts.output.shaded) shade(cell, sums[index], parts.most);
    cell.group.told = () => {
      const place = at(index, data.canvas_size).map((value, axis) => value - data.kept[axis][0]).join(", ");
      return `${parts.kept[index] ? `output (${place})` : "cropped"}: ${text(sums[index])}`;
    };
    retell(cell.group);
  });
  const last = step === data.steps.length - 1;
  find("range").value = step;
  find("range").setAttribute("aria-valuetext", `step ${step + 1} of ${data.steps.length}`);
  find("count").textContent = `${step + 1} / ${data.steps.length}`;
  find("back").disabled = find("first").disabled = step === 0;
  find("next").disabled = find("last").disabled = last;
  find("words").textContent = sentence(data, parts, now);
  find("products").replaceChildren(...products(data, now));
  root.querySelector(".output").setAttribute("aria-label", `${data.output_name}. ${reading(data, parts, sums)}`);
  root.querySelector(".input").setAttribute("aria-label", `${data.input_name}: ${data.input.map(text).join(" ")}`);
  root.querySelector(".kernel").setAttribute("aria-label", `${data.kernel_name}: ${data.kernel.map(text).join(" ")}`);
}

// What a cell is, told by the browser when the pointer rests on it: made only then.
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

// Room for the longest of all texts, so that nothing below moves from step to step.
function room(root, data, parts) {
  const size = nodes => nodes.reduce((sum, node) => sum + (node.textContent ?? node).length, 0);
  const longest = told => data.steps.map(told).reduce((one, other) => size(other) > size(one) ? other : one);
  root.querySelector(".words + .room").replaceChildren(...longest(now => [sentence(data, parts, now)]));
  root.querySelector(".products + .room").replaceChildren(...longest(now => products(data, now)));
}

function sentence(data, parts, now) {
  const where = now.position.map((place, axis) => `${AXES[now.position.length][axis]} ${place}`).join(", ");
  const cropped = now.cells.filter(cell => !parts.kept[cell]).length;
  const lost = cropped ? ` ${plural(cropped, "product")} of them fall${cropped === 1 ? "s" : ""} outside the kept output.` : "";
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

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".stamp");
  for (const name in data.colours) root.style.setProperty(`--our-${name}`, data.colours[name]);
  root.classList.toggle("narrow", data.narrow);
  root.classList.toggle("line", data.input_size.length === 1);
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
  const go = wanted => {
    step = Math.max(0, Math.min(most, wanted));
    root.dataset.step = step;
    show(root, data, parts, step);
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
  play.onclick = () => {
    const on = !root.classList.contains("playing");
    if (on && step === most) go(0);
    playing(on);
  };
  root.querySelector(".first").onclick = () => jump(0);
  root.querySelector(".back").onclick = () => jump(step - 1);
  root.querySelector(".next").onclick = () => jump(step + 1);
  root.querySelector(".last").onclick = () => jump(most);
  range.oninput = () => jump(Number(range.value));
  // Drag across the input: the value under the finger is the one that stamps.
  const drag = event => {
    if (event.type === "pointermove" && !event.buttons) return;
    const under = parentElement.elementFromPoint(event.clientX, event.clientY)?.closest(".cell");
    const index = parts.input.cells.findIndex(cell => cell.group === under);
    if (index >= 0) { jump(index); event.preventDefault(); }
  };
  const input = root.querySelector(".input");
  input.onpointerdown = drag;
  input.onpointermove = drag;
  for (const name of ["kernel", "output"]) root.querySelector(`.${name}`).onpointerover = hint;
  // Streamlit calls this again with new data, and what it returns only when the page goes: the timer is the root's.
  const still = root.classList.contains("playing");
  go(step);
  playing(still && step < most);
  return () => clearTimeout(root.timer);
}
