// A table that sorts in the browser. Cells are text with exact digits. They are sorted by a separate text of digits,
// because numbers in JavaScript are not exact above 2^53.

const value = key => key === null ? null : /^-?\d+$/.test(key) ? BigInt(key) : Number(key);

function compare(one, other) {
  if (one === null || other === null) return (one === null) - (other === null);  // what is not there comes last
  return one < other ? -1 : one > other ? 1 : 0;
}

function ordered(rows, column, numeric, down) {
  const key = row => numeric ? value(row.cells[column].sort) : row.cells[column].text.toLowerCase();
  const missing = row => key(row) === null;
  return [...rows].sort((one, other) => {
    if (missing(one) || missing(other)) return compare(key(one), key(other));
    return compare(key(one), key(other)) * (down ? -1 : 1);
  });
}

const add = (parent, name, attributes = {}) => {
  const node = document.createElement(name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  parent.append(node);
  return node;
};

export default function ({ parentElement, data: { json }, setTriggerValue }) {
  const root = parentElement.querySelector(".table"), data = JSON.parse(json);
  for (const name in data.colours) root.style.setProperty(`--our-${name}`, data.colours[name]);
  const sorted = root.sorted ?? { name: "", down: false };
  root.setAttribute("aria-label", data.caption);
  const draw = () => {
    const table = document.createElement("table");
    table.classList.toggle("small", data.columns.length < 4);
    add(table, "caption").textContent = data.caption;
    const head = add(add(table, "thead"), "tr");
    data.columns.forEach(column => {
      const here = sorted.name === column.name;
      const sort = here ? (sorted.down ? "descending" : "ascending") : "none";
      const cell = add(head, "th", { scope: "col", "aria-sort": sort, class: column.numeric ? "number" : "" });
      const button = add(cell, "button", { type: "button", title: `Sort by ${column.name}` });
      button.textContent = column.name;
      add(button, "span", { "aria-hidden": "true" }).textContent = here ? (sorted.down ? "\u00a0▼" : "\u00a0▲") : "\u00a0↕";
      button.onclick = () => {
        // A second click reverses the order, a third restores the original order.
        if (sorted.name !== column.name) Object.assign(sorted, { name: column.name, down: false });
        else if (!sorted.down) sorted.down = true;
        else Object.assign(sorted, { name: "", down: false });
        root.sorted = sorted;
        draw();
        root.querySelectorAll("thead button")[data.columns.indexOf(column)].focus();
      };
    });
    if (data.action) {
      const told = document.createElement("th");
      told.scope = "col";
      told.className = "action";
      told.textContent = data.action;
      head.firstElementChild.after(told);
    }
    const body = add(table, "tbody");
    const column = data.columns.findIndex(one => one.name === sorted.name);
    const rows = column < 0 ? data.rows : ordered(data.rows, column, data.columns[column].numeric, sorted.down);
    rows.forEach(row => {
      const line = add(body, "tr", row.mark ? { class: row.mark } : {});
      row.cells.forEach((cell, index) => {
        const name = index ? "td" : "th";
        const kind = `${data.columns[index].numeric ? "number" : ""} ${cell.text.length > 22 ? "long" : ""}`.trim();
        const drawn = add(line, name, index ? { class: kind } : { scope: "row", class: kind });
        drawn.textContent = cell.text;
      });
      if (!data.action) return;
      const acting = document.createElement("td");
      acting.className = "action";
      line.firstElementChild.after(acting);
      if (row.action === null) return;
      const button = add(acting, "button", { type: "button", "aria-label": `${row.action}: ${row.cells[0].text}` });
      button.textContent = row.action;
      button.onclick = () => setTriggerValue("row", row.id);
    });
    root.replaceChildren(table);
    // A focused element is scrolled out from under the names of the rows, which stay at the left.
    const name = body.querySelector("th");
    root.style.scrollPaddingLeft = name ? `${name.offsetWidth}px` : "";
  };
  draw();
}
