// Plotly itself, for charts that can be explored: axes that zoom, or tiles that open.
// `calculator.ui.charts.drawn_chart` says when Plotly replaces the light drawing.

// Tips, buttons and keys are the component's own, the same for both drawings.
const CONFIG = { displayModeBar: false, doubleClick: false, scrollZoom: false, showAxisDragHandles: false, showTips: false };
const PHONE = "(max-width: 760px), (max-height: 500px) and (pointer: coarse)";

// Whether the visitor decides what is fetched: on a phone, and where the browser asks to save data.
const asksFirst = () => matchMedia(PHONE).matches || Boolean(navigator.connection?.saveData);

const zoomable = layout => ["xaxis", "yaxis"].filter(name => layout[name]?.fixedrange === false);
const explorable = ({ data, layout }) => zoomable(layout).length > 0 || data.some(({ type }) => type === "treemap");

// Waits until the page is drawn and the browser is idle.
const rested = () => new Promise(resolve => {
  const wait = window.requestIdleCallback ?? (look => setTimeout(look, 200));
  const look = () => {
    const running = document.querySelector(".stApp")?.dataset.testScriptState === "running";
    if (running || document.readyState !== "complete") setTimeout(() => wait(look), 100);
    else resolve();
  };
  wait(look);
});

// Fetches Plotly's script, once for all charts of all pages. After a failure it may be fetched again.
function fetchPlotly(address) {
  document.plotly ??= new Promise((resolve, reject) => {
    if (window.Plotly) { resolve(window.Plotly); return; }
    const script = document.createElement("script");
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => { document.plotly = null; script.remove(); reject(new Error(address)); };
    Object.assign(script, { src: address, fetchPriority: "low" });
    document.head.append(script);
  });
  return document.plotly;
}

// The part of a figure that an earlier zoom shows: the visible part of its axes, or the outermost visible tile. Null where
// the zoom shows the whole figure or lies outside it.
function zoomWithin(zoom, { data: [{ ids }], layout }) {
  if (zoom?.level) return ids?.indexOf(zoom.level) > 0 ? zoom : null;
  const ranges = {};
  let whole = true;
  for (const name of zoomable(layout)) {
    const [low, high] = layout[name].range, [from, to] = zoom?.[name] ?? [low, high], part = (to - from) / (high - low);
    if (!(part > 1e-4 && from < high && to > low)) return null;
    // A part that would extend beyond an end is moved back to the end and keeps its length.
    const length = Math.min(part, 1) * (high - low), begin = Math.min(Math.max(low, from), high - length);
    ranges[name] = [begin, begin + length];
    whole &&= part > 0.999;
  }
  return whole ? null : ranges;
}

// The zoom whose sides are `factor` times as long, around the same middle.
function scaledZoom(zoom, figure, factor) {
  const ranges = {};
  for (const name of zoomable(figure.layout)) {
    const [low, high] = zoom?.[name] ?? figure.layout[name].range, half = (high - low) / 2 * factor;
    ranges[name] = [(low + high) / 2 - half, (low + high) / 2 + half];
  }
  return zoomWithin(ranges, figure);
}

// The zoomed figure, as a copy that Plotly may change.
function zoomed({ data, layout }, zoom, height) {
  const own = { ...structuredClone(layout), height };
  if (zoom?.level) return { data: [{ ...data[0], level: zoom.level }], layout: own };
  for (const name in zoom) own[name].range = [...zoom[name]];
  return { data, layout: own };
}
