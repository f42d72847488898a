const BUTTON = 1.9, BUTTONS = 3;  // The side of a button, in heights of a tip's letters; the number of buttons in the corner.
const TOUCHED = matchMedia("(pointer: coarse)").matches ? 44 : 0;  // The minimum side of a button in pixels.
const PROJECTED_TEXT = 24 / 1080;  // The height of the smallest text on a chart that fills the screen, as a share of the screen.

function save(href, { picture, name }) {
  Object.assign(document.createElement("a"), { href, download: `${name}.${picture}` }).click();
}

// Saves the light drawing as a file. A PNG has three times the size on screen, so that it is sharp in print.
function saveLight(svg, data) {
  const source = new Blob([new XMLSerializer().serializeToString(svg)], { type: "image/svg+xml" });
  const url = URL.createObjectURL(source);
  if (data.picture === "svg") { save(url, data); return; }
  const image = new Image();
  image.onload = () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: image.width * 3, height: image.height * 3 });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    save(canvas.toDataURL("image/png"), data);
  };
  image.src = url;
}

// A chart on the page. It lives as long as its element: Streamlit calls the component again for every change of the data.
class Chart {
  constructor(root) {
    Object.assign(this, { root, svg: root.querySelector("svg"), numbers: root.parentNode.querySelector(".chart-numbers") });
    for (const name of ["place", "points", "tip", "ring", "said", "table", "camera", "screen", "explore", "closer", "farther", "all"])
      this[name] = root.querySelector(`.${name}`);
    this.zoom = null;  // The visible part of the axes.
    this.pinned = null;  // The number of the stop that a tap, a click or a key chose.
    this.visible = false;

    this.sizes = new ResizeObserver(() => { if (this.size().width !== this.drawn.width) this.present(); });
    this.sizes.observe(root);
    this.sight = new IntersectionObserver(seen => {
      this.visible = seen.at(-1).isIntersecting;
      if (this.visible && this.due) this.due();
    }, { rootMargin: "200px" });
    this.sight.observe(root);

    root.onpointermove = event => {
      // A finger moves to scroll the page, so only a tap shows a tip.
      if (event.pointerType === "touch") return;
      const found = this.under(event);
      root.classList.toggle("clickable", Boolean(this.data.clickable && found?.point));
      this.tell(found ?? this.stop());
    };
    root.onpointerleave = () => this.tell(this.stop());
    root.onclick = event => { if (!event.target.closest(".tools")) this.choose(this.under(event)); };
    this.elsewhere = event => { if (!event.composedPath().includes(root)) this.pin(null); };
    // Not "click": while a button is held down, Plotly covers the page with an element that receives the click.
    document.addEventListener("pointerdown", this.elsewhere);
    this.points.onkeydown = event => this.key(event);
    // A finger scrolls the page. It moves the chart only after the chart was zoomed.
    const finger = event => { if (!this.zoom) event.stopPropagation(); };
    this.place.addEventListener("touchstart", finger, { capture: true, passive: true });

    this.camera.onclick = () => this.save();
    this.screen.onclick = () => document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen();
    this.table.onclick = () => {
      this.numbers.hidden = !this.numbers.hidden;
      this.list();
    };
    root.onfullscreenchange = () => this.present();
    this.explore.onclick = () => this.data.script ? this.bringPlotly() : this.send("explore", true);
    this.closer.onclick = () => this.zoomTo(scaledZoom(this.zoom, this.data.figure, 1 / 2));
    this.farther.onclick = () => this.zoomTo(scaledZoom(this.zoom, this.data.figure, 2));
    this.all.onclick = () => this.zoomTo(null);
  }

  update(data, send) {
    Object.assign(this, { data, send });
    const { root, camera } = this, { layout } = data.figure;
    root.figure = data.figure;
    entitle(root, data.alt);
    root.style.setProperty("--ink", layout.font.color);
    root.style.setProperty("--paper", layout.paper_bgcolor);
    root.style.setProperty("--button", `max(${BUTTON}em, ${TOUCHED}px)`);
    camera.hidden = !data.picture;
    camera.title = `Save as ${data.picture.toUpperCase()}`;
    this.table.hidden = !data.picture;
    // A chart without room for buttons has its few numbers in the page, for screen readers only.
    this.numbers.classList.toggle("heard", !data.picture);
    if (!data.picture) {
      this.numbers.hidden = false;
      this.numbers.removeAttribute("tabindex");
    }
    // A chart that cannot be saved has no room for buttons.
    this.screen.hidden = !document.fullscreenEnabled || !data.picture;
    this.zoom = zoomWithin(this.zoom, data.figure);
    this.present();
    if (!this.started && explorable(data.figure) && data.script && !asksFirst()) {
      this.started = true;
      root.dataset.plotly = "coming";
      rested().then(() => this.bringPlotly());
    }
    this.offer();
  }

  get here() {
    return this.root.dataset.plotly === "here";
  }

  leave() {
    this.left = true;
    this.sizes.disconnect();
    this.sight.disconnect();
    document.removeEventListener("pointerdown", this.elsewhere);
    // Plotly fails when its place is purged while it draws.
    Promise.resolve(this.busy).then(() => window.Plotly?.purge(this.place));
  }

  // Returns the size of the drawing and the factor by which it is enlarged. On a chart that fills the screen, the
  // factor makes its smallest text readable from the back row.
  size() {
    const { root } = this, { height } = this.data.figure.layout;
    if (!root.matches(":fullscreen")) return { width: this.inPage = root.clientWidth, height, factor: 1 };
    const texts = root.querySelectorAll(this.here ? ".place text" : ":scope > svg text");
    const smallest = Math.min(...[...texts].map(text => parseFloat(getComputedStyle(text).fontSize)));
    const fits = Math.min(innerWidth / this.inPage, innerHeight / height);
    const factor = Math.max(fits, PROJECTED_TEXT * innerHeight / smallest);
    return { width: innerWidth / factor, height: innerHeight / factor, factor };
  }

  // Returns the place of the buttons in the upper right corner.
  corner() {
    const { width } = this.drawn, side = Math.max(BUTTON * this.data.figure.layout.hoverlabel.font.size, TOUCHED);
    return { left: width - BUTTONS * side, top: 0, right: width, bottom: side };
  }

  // Returns the figure in its present size, zoomed to its visible part.
  shown() {
    const { width, height } = this.drawn, buttons = this.corner();
    return arranged(zoomed(this.data.figure, this.zoom, height), width, this.data.picture ? [buttons] : []);
  }

  // Draws the present figure. Where Plotly draws it, the light drawing is made only when its stops are needed.
  present() {
    const { root } = this, { width, height, factor } = this.drawn = this.size();
    if (!width) return;
    root.style.height = `${height * factor}px`;
    root.style.fontSize = `${this.data.figure.layout.hoverlabel.font.size * factor}px`;
    this.light = null;
    if (this.here) {
      // The light drawing is empty now. If it kept the width of an earlier window, it would widen the page.
      this.enlarge();
      this.whenVisible(() => this.react());
    } else this.stops();
    this.tell(this.pinned === null ? null : this.stop());
    this.list();
  }

  // Writes the table of the chart: its finding, and a row for each stop. It is written only while it is open.
  list() {
    const { numbers, table, data } = this;
    table.setAttribute("aria-expanded", !numbers.hidden);
    if (numbers.hidden) return;
    const element = (name, children) => {
      const made = document.createElement(name);
      made.append(...children);
      return made;
    };
    const rows = this.stops().stops.map(({ told }) => element("tr", inWords(told).map(words => element("td", [words]))));
    numbers.replaceChildren(element("table", [element("caption", [data.alt]), element("tbody", rows)]));
  }

  enlarge() {
    const { width, height, factor } = this.drawn;
    this.svg.setAttribute("width", width * factor);
    this.svg.setAttribute("height", height * factor);
  }

  stops() {
    if (!this.light) {
      this.light = draw(this.svg, this.shown(), this.drawn.width);
      this.enlarge();
      this.points.hidden = !this.light.stops.length;
      this.makeRoom();
      this.clear();
    }
    return this.light;
  }

  // Puts the buttons above the drawing where they would cover a title.
  makeRoom() {
    const { root, svg, data } = this, { left, bottom } = this.corner(), whole = svg.getBoundingClientRect();
    const titles = data.picture && this.drawn.factor === 1 ? svg.querySelectorAll("text") : [];
    root.toggleAttribute("data-apart", [...titles].some(text => {
      const box = text.getBoundingClientRect();
      return box.right - whole.left > left && box.top - whole.top < bottom;
    }));
  }

  // Empties the light drawing where Plotly has drawn the chart: there only its stops are needed.
  clear() {
    if (this.here) this.svg.replaceChildren();
  }

  stop() {
    const found = this.pinned === null ? null : this.stops().stops[this.pinned];
    return found && this.stops().within(found) ? found : null;
  }

  under(event) {
    const { find } = this.stops();
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
    return find(x, y);
  }

  choose(found) {
    this.pin(found);
    if (this.data.clickable && found?.point) this.send("point", found.point);
  }

  pin(found) {
    const place = found ? this.stops().stops.indexOf(found) : -1;
    this.pinned = place < 0 ? null : place;
    this.tell(found);
  }

  // Left and right move from one stop to the next, up and down to the nearest stop in that direction.
  key(event) {
    const { stops, within } = this.stops(), seen = stops.filter(within), here = this.stop();
    const next = {
      ArrowRight: () => seen[seen.indexOf(here) + 1] ?? here,
      ArrowLeft: () => here ? seen[seen.indexOf(here) - 1] ?? here : seen.at(-1),
      ArrowUp: () => here ? nearest(seen, here, -1) : seen[0],
      ArrowDown: () => here ? nearest(seen, here, 1) : seen[0],
      Home: () => seen[0],
      End: () => seen.at(-1),
      Escape: () => null,
      Enter: () => here,
    }[event.key];
    if (!next || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const found = next();
    if (event.key === "Enter") this.choose(found); else this.pin(found);
    this.said.textContent = found ? inWords(found.told).join(", ") : "";
  }

  // Draws the tip of a stop beside the stop and inside the drawing.
  tell(found) {
    const { tip, ring, root, svg } = this;
    tip.hidden = ring.hidden = !found;
    if (!found) return;
    tip.replaceChildren(...lines(found.told).flatMap((line, place) => {
      const parts = line.map(({ words, bold }) =>
        Object.assign(document.createElement(bold ? "b" : "span"), { textContent: words }));
      return place ? [document.createElement("br"), ...parts] : parts;
    }));
    const box = root.getBoundingClientRect(), { a, e, f } = svg.getScreenCTM();
    const x = found.x * a + e - box.left, y = found.y * a + f - box.top, apart = found.apart * a;
    const left = Math.max(0, Math.min(box.width - tip.offsetWidth, x - tip.offsetWidth / 2));
    const above = y - apart - tip.offsetHeight - 8;
    Object.assign(tip.style, { left: `${left}px`, top: `${above < 0 ? y + apart + 10 : above}px` });
    Object.assign(ring.style, { left: `${x}px`, top: `${y}px` });
    ring.hidden = this.stops().stops[this.pinned] !== found;
  }

  save() {
    const { data, drawn: { width, height } } = this;
    if (!this.here) { saveLight(this.svg, data); return; }
    window.Plotly.toImage(this.place, { format: data.picture, width, height, scale: data.picture === "png" ? 3 : 1 })
      .then(address => save(address, data));
  }

  // Shows the buttons for zooming once Plotly has drawn the chart. Before that, where the visitor decides whether Plotly
  // is fetched, it shows the button that fetches Plotly.
  offer() {
    const { root, explore, closer, farther, all, zoom, here } = this;
    const { figure, script } = this.data;
    explore.hidden = here || !explorable(figure) || Boolean(script && !asksFirst() && !this.failed);
    explore.disabled = root.dataset.plotly === "coming";
    explore.textContent = explore.disabled ? "Loading…" : this.failed ? "Loading failed. Try again" : "Explore";
    root.toggleAttribute("data-zoomed", Boolean(zoom));
    closer.hidden = farther.hidden = !here || !zoomable(figure.layout).length;
    all.hidden = !here;
    all.disabled = farther.disabled = !zoom;
  }

  async bringPlotly() {
    const { root } = this;
    this.failed = false;
    root.dataset.plotly = "coming";
    this.offer();
    try {
      await fetchPlotly(this.data.script);
      await new Promise(resolve => { this.whenVisible(resolve); });
      // The chart may change while Plotly draws it.
      for (let drawn; drawn !== this.drawn;) {
        drawn = this.drawn;
        await this.react();
      }
      // Plotly measures its letters in another SVG element, which a screen reader would find.
      document.getElementById("js-plotly-tester")?.setAttribute("aria-hidden", "true");
      // All changes are in one frame, so nothing flashes.
      root.dataset.plotly = "here";
      this.clear();
    } catch {
      // Plotly failed: the light drawing stays.
      this.failed = true;
      delete root.dataset.plotly;
    }
    this.offer();
  }

  // Does what takes time once the chart is visible. Of several requests, only the last one is carried out.
  whenVisible(work) {
    this.due = this.visible ? null : () => this.whenVisible(work);
    this.root.toggleAttribute("data-later", Boolean(this.due));
    if (!this.due && !this.left) work();
  }

  // Has Plotly draw the chart after its present drawing. Requests that arrive meanwhile are drawn once, together.
  react() {
    this.next ??= Promise.resolve(this.busy).then(() => {
      this.next = null;
      if (this.left) return null;
      const plotted = this.plot();
      this.busy = plotted.catch(() => {});
      return plotted;
    });
    return this.next;
  }

  async plot() {
    const { place, zoom, drawn: { width, factor } } = this, { data, layout } = this.shown();
    const dragmode = zoom ? "pan" : "zoom";
    place.style.transform = factor === 1 ? "" : `scale(${factor})`;
    await window.Plotly.react(place, data, { ...layout, template: undefined, width, hovermode: false, dragmode }, CONFIG);
    if (this.listens) return;
    this.listens = true;
    place.on("plotly_relayout", changed => {
      if (!Object.keys(changed).some(key => /^[xy]axis\.range/.test(key))) return;
      const ranges = zoomable(this.data.figure.layout).map(name => [name, place.layout[name].range]);
      this.zoomTo(zoomWithin(Object.fromEntries(ranges), this.data.figure));
    });
    place.on("plotly_doubleclick", () => this.zoomTo(null));
    place.on("plotly_treemapclick", ({ nextLevel }) => {
      if (nextLevel !== undefined) this.zoomTo(zoomWithin({ level: nextLevel }, this.data.figure));
      return false;
    });
  }

  zoomTo(zoom) {
    this.zoom = zoom;
    this.present();
    this.offer();
  }
}

// The first sentence is the name of a chart, and the others are its description.
function entitle(root, alt) {
  const end = alt.indexOf(". ") + 1 || alt.length;
  root.setAttribute("aria-label", alt.slice(0, end));
  root.setAttribute("aria-description", alt.slice(end).trim());
}

// The lines of a text without their formatting.
const inWords = text => lines(text).map(line => line.map(({ words }) => words).join(""));

// The stop that lies nearest to `here` among those above or below it.
function nearest(stops, here, direction) {
  const away = ({ x, y }) => Math.hypot(2 * (x - here.x), y - here.y);
  const found = stops.filter(({ y }) => (y - here.y) * direction > 0.5);
  return found.sort((one, other) => away(one) - away(other))[0] ?? here;
}

export default function ({ parentElement, data: { json }, setTriggerValue }) {
  const root = parentElement.querySelector(".drawing");
  root.chart ??= new Chart(root);
  root.chart.update(JSON.parse(json), setTriggerValue);
  // Streamlit calls this when the element is removed, or when newer data arrives. Then the chart belongs to that call.
  return () => { if (!root.isConnected) root.chart.leave(); };
}
