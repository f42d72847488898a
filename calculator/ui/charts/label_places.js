// Places labels beside points for the real width of a chart, with the widths of texts that the browser measures. No label
// covers another label or a point, or extends beyond the axes; a label without room is left out. `calculator.charts.labels`
// places them first in the same order, for the usual width of charts. Traces whose labels may move have `meta.labels`: the
// labels of all points, or true where the texts of the trace are the labels.

const SIDES = [
  "middle right", "middle left", "top center", "bottom center", "top right", "top left", "bottom right", "bottom left",
];
const pen = document.createElement("canvas").getContext("2d");

// The width and height of a text of several lines.
function measured(text, size, family) {
  const rows = lines(text), wide = rows.map(parts => parts.reduce((sum, { words, bold }) => {
    pen.font = `${bold ? 700 : 400} ${size}px ${family}`;
    return sum + pen.measureText(words).width;
  }, 0));
  return { across: Math.max(...wide), down: ((rows.length - 1) * 1.3 + 1) * size };
}

// The place of a label on that side of its point, as `scatter` draws it.
function labelBox([x, y], radius, side, { across, down }) {
  const [vertical, horizontal] = side.split(" "), apart = radius && radius / 0.8 + 1;
  const left = x + ACROSS[horizontal] * apart + (ACROSS[horizontal] - 1) * across / 2;
  const top = y + DOWN[vertical] * apart + (DOWN[vertical] - 1) * down / 2;
  return { left, top, right: left + across, bottom: top + down };
}

const meet = (one, other) =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

// The figure with its labels where there is room for them, outside the boxes that are covered.
function arranged({ data, layout }, width, covered) {
  const moving = data.filter(trace => trace.meta?.labels);
  if (!moving.length) return { data, layout };
  const at = frame(layout, layout, width), taken = [...covered], labels = [], places = new Map();
  const within = box => box.left >= at.left && box.right <= at.right && box.top >= at.top && box.bottom <= at.bottom;
  for (const trace of moving) {
    const texts = trace.meta.labels === true ? trace.text : trace.meta.labels;
    places.set(trace, { text: texts.map(() => ""), textposition: texts.map((_, n) => nth(trace.textposition, n)) });
    texts.forEach((text, n) => {
      const point = [at.x(trace.x[n]), at.y(trace.y[n])], radius = (nth(trace.marker?.size, n) ?? 0) / 2;
      const mark = labelBox(point, -0.8, "middle center", { across: 2 * radius + 1, down: 2 * radius + 1 });
      if (radius && within(mark)) taken.push(mark);
      if (text && meet(labelBox(point, 0, "middle center", { across: 0.01, down: 0.01 }), at)) labels.push({ trace, n, text, point, radius });
    });
  }
  for (const { trace, n, text, point, radius } of labels.sort((one, other) => other.radius - one.radius)) {
    const size = measured(text, trace.textfont.size, layout.font.family), found = places.get(trace);
    const free = side => {
      const box = labelBox(point, radius, side, size);
      return within(box) && !taken.some(other => meet(box, other));
    };
    const side = [found.textposition[n], ...SIDES].find(free);
    if (!side) continue;
    [found.text[n], found.textposition[n]] = [text, side];
    taken.push(labelBox(point, radius, side, size));
  }
  return { layout, data: data.map(trace => places.has(trace) ? { ...trace, ...places.get(trace) } : trace) };
}
